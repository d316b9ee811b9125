using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>The paper's forecasters. Their authors publish no weights.</summary>
public static class AphynityVariants
{
    private const int Pendulum = 41_204;

    /// <summary>Three systems, each with a law that lacks a term and with the whole law.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Of("aphynity_pendulum", "a frictionless pendulum's law, corrected by 2-200-200-2", [2], () => OfPendulum(complete: false))
            .With(new PendulumForecaster()) with { Parameters = Pendulum },
        Of("aphynity_pendulum_complete", "a damped pendulum's law, corrected by 2-200-200-2", [2], () => OfPendulum(complete: true))
            .With(new PendulumForecaster()) with { Parameters = Pendulum },
        Of("aphynity_reaction_diffusion", "diffusion of two fields of 32 x 32, corrected by three convolutions", [2, 32, 32], () =>
            OfReactionDiffusion(complete: false)),
        Of("aphynity_reaction_diffusion_complete", "reaction and diffusion of two fields of 32 x 32, corrected as well", [2, 32, 32], () =>
            OfReactionDiffusion(complete: true)),
        Of("aphynity_wave", "an undamped wave on 64 x 64, corrected by three convolutions", [2, 64, 64], () => OfWave(complete: false)),
        Of("aphynity_wave_complete", "a damped wave on 64 x 64, corrected as well", [2, 64, 64], () => OfWave(complete: true)),
    ];

    /// <summary>Of a pendulum.</summary>
    /// <param name="complete">Whether the law has friction.</param>
    /// <param name="hidden">Width of the correction.</param>
    public static Forecaster OfPendulum(bool complete, int hidden = 200) => new(new PendulumLaw(complete), new MlpCorrection(2, hidden));

    /// <summary>Of reaction and diffusion on a square of side 2.</summary>
    /// <param name="complete">Whether the law has the reaction.</param>
    /// <param name="size">Pixels a side.</param>
    public static Forecaster OfReactionDiffusion(bool complete, int size = 32) =>
        new(new ReactionDiffusionLaw(complete, 2.0 / size), new ConvCorrection(2, 16));

    /// <summary>Of a wave.</summary>
    /// <param name="complete">Whether the law has damping.</param>
    public static Forecaster OfWave(bool complete) => new(new DampedWaveLaw(complete), new ConvCorrection(2, 16));

    // The fields' parameters are not given: their norms take statistics of the batch, so an export would answer for its own batch only.
    private static ModelVariant Of(string name, string description, long[] shape, Func<Module> create) =>
        new(name, description, _ => create())
        {
            Capabilities =
            [
                new TensorInput(shape),
                new Exercise((module, batch) => ((Forecaster)module).Call(Tensor.Randn([batch, .. shape]))),
            ],
        };
}
