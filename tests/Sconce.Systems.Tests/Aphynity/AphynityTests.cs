using Sconce.Maths;
using Sconce.Systems.Science.Aphynity;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Aphynity;

[Collection(LiveTensors.Name)]
public class AphynityTests
{
    [Fact]
    public void The_forecasters_have_the_official_keys_and_sizes()
    {
        using var pendulum = AphynityVariants.OfPendulum(complete: false);
        Assert.Equal(41_204, pendulum.ParameterCount);
        Assert.Equal(
            [
                "model_phy.params_org.omega0_square_org", "model_phy.params_org.alpha_org",
                "model_aug.net.0.weight", "model_aug.net.0.bias",
                "model_aug.net.2.weight", "model_aug.net.2.bias", "model_aug.net.4.weight", "model_aug.net.4.bias",
            ],
            pendulum.StateDict().Select(entry => entry.Name));
        using var reaction = AphynityVariants.OfReactionDiffusion(complete: false);
        Assert.Equal(2_949, reaction.ParameterCount);
        Assert.Equal(
            ["model_phy._laplacian", "model_phy.params_org.a_org", "model_phy.params_org.b_org", "model_phy.params_org.k_org"],
            reaction.StateDict().Select(entry => entry.Name).Where(name => name.StartsWith("model_phy", StringComparison.Ordinal)).Order());
        using var wave = AphynityVariants.OfWave(complete: true);
        Assert.Equal(2_948, wave.ParameterCount);
    }

    [Fact]
    public void A_correction_begins_small_and_an_idle_coefficient_gets_no_gradient()
    {
        using var scope = new TensorScope();
        using var forecaster = AphynityVariants.OfPendulum(complete: false, hidden: 16);
        var states = Tensor.Randn([64, 2]);
        Assert.True(forecaster.Correction!.Call(states).Norm().Item<double>() < 0.1 * states.Norm().Item<double>());
        var law = (PendulumLaw)forecaster.Law!;
        var gradients = Gradients.OfAny([forecaster.Call(states).Square().Sum()], [law.Stiffness, law.Friction]);
        Assert.NotNull(gradients[0]);
        Assert.Null(gradients[1]);
        Assert.Equal(["omega0_square"], law.Coefficients.Select(coefficient => coefficient.Name));
    }

    [Fact]
    public void A_pendulum_without_friction_keeps_its_energy_and_one_with_friction_loses_it()
    {
        using var scope = new TensorScope();
        var start = Tensor.From([1.0, 0.5, -2, 0], [2, 2]);
        static Tensor Energy(Tensor states) => (states[.., 1].Square() / 2) - (states[.., 0].Cos() * (Math.PI * Math.PI / 9));
        var free = Energy(Simulations.Pendulum(start, 20, friction: 0));
        Assert.True((free - free[.., 0..1]).Abs().Max().Item<double>() < 1e-8);
        var damped = Energy(Simulations.Pendulum(start, 20));
        Assert.True((damped[.., 1..] - damped[.., ..^1]).Max().Item<double>() < 0);
    }

    [Fact]
    public void A_uniform_field_does_not_diffuse_and_a_still_one_makes_no_wave()
    {
        using var scope = new TensorScope();
        using var diffusion = new ReactionDiffusionLaw(complete: false, 2.0 / 8);
        Assert.True(diffusion.Call(Tensor.Ones([1, 2, 8, 8])).Abs().Max().Item<double>() < 1e-6);
        using var wave = new DampedWaveLaw(complete: true);
        Assert.Equal(0, wave.Call(Tensor.Zeros([1, 2, 8, 8])).Abs().Max().Item<double>());
    }

    [Fact]
    public void A_forecast_is_laid_out_as_data_and_begins_with_its_start()
    {
        using var scope = new TensorScope();
        using var forecaster = AphynityVariants.OfWave(complete: false);
        var start = Tensor.Randn([3, 2, 8, 8]);
        var states = forecaster.Forecast(start, [0, 1e-3, 2e-3], new ThreeEighthsSolver());
        Assert.Equal([3, 2, 3, 8, 8], states.Shape.ToArray());
        Assert.Equal(0, (states[.., .., 0] - start).Abs().Max().Item<double>());
        Assert.Equal([3, 2, 3, 8, 8], forecaster.Corrected(states).Shape.ToArray());
    }

    [Fact]
    public void The_multiplier_grows_with_what_does_not_fit()
    {
        var loss = new AphynityLoss(1, 20, CorrectionNorm.Relative);
        loss.Grow(0.1);
        Assert.Equal(3, loss.Lambda, 1e-12);
    }

    [Fact]
    public void A_forecaster_of_nothing_and_a_correction_of_physics_alone_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => new Forecaster(null, null));
        using var physics = new Forecaster(new PendulumLaw(complete: true), null);
        Assert.Throws<InvalidOperationException>(() => physics.Corrected(Tensor.Zeros([1, 2, 3])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Simulations.Wave(16, (8, 8), 10, 2, stencil: 4));
    }
}
