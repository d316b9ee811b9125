using Sconce.Systems.Analysis.Circuits;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Circuits: pictures as spectra, transforms, objectives, stimuli, orbits of filters.</summary>
internal sealed class CircuitsAnswers : ParityAnswers
{
    internal override string System => "circuits";

    internal override ParityAnswer? Answer(ParityCase question) => question.Model switch
    {
        "fft_image" => ParityAnswer.Of(inputs => Pictures(question.Config, inputs["spec"])),
        "standard_transforms" => ParityAnswer.Of(inputs => Transforms(question.Config, inputs["x"])),
        "objectives" => ParityAnswer.Of(inputs => Goals(question.Config, inputs["a"], inputs["dirn"])),
        "high_low_stimulus" => ParityAnswer.Of(inputs => new()
        {
            ["out"] = HighLowStimulus.Of(
                inputs["theta"], inputs["fh"], inputs["fl"], question.Config.Int("size"), question.Config.Double("edge", 20)),
        }),
        "d4_orbit" => ParityAnswer.Of(inputs =>
        {
            var orbits = FilterOrbits.Of(inputs["w"]);
            return new() { ["orbit"] = orbits, ["gram"] = FilterOrbits.Cosines(orbits) };
        }),
        _ => null,
    };

    private static Dictionary<string, Tensor> Pictures(Config config, Tensor spectrum)
    {
        bool decorrelate = config.Bool("decorrelate", true);
        var pictures = FourierImage.Of(spectrum, config.Int("w"), config.Double("decay_power", 1));
        return new()
        {
            ["fft"] = pictures,
            ["linear"] = decorrelate ? NaturalColour.Correlate(pictures) : pictures,
            ["rgb"] = NaturalColour.Valid(pictures, decorrelate, config.Bool("sigmoid", true)),
        };
    }

    private static Dictionary<string, Tensor> Transforms(Config config, Tensor pictures)
    {
        var draw = new TransformDraw(
            (config.Int("dy1"), config.Int("dx1")), config.Double("scale"), config.Double("angle"), (config.Int("dy2"), config.Int("dx2")));
        var resized = RobustTransforms.Resized(pictures, draw);
        return new()
        {
            ["resized"] = resized,
            ["rotated_bilinear"] = RobustTransforms.Rotate(resized, draw.Degrees, bilinear: true),
            ["rotated_nearest"] = RobustTransforms.Rotate(resized, draw.Degrees, bilinear: false),
            ["out"] = RobustTransforms.Apply(pictures, draw),
        };
    }

    private static Dictionary<string, Tensor> Goals(Config config, Tensor activations, Tensor direction)
    {
        double power = config.Double("cossim_pow", 2), count = activations.Elements;
        return new()
        {
            ["channel"] = Objectives.Channel(activations, config.Int("channel")),
            ["neuron"] = Objectives.Neuron(activations, config.Int("neuron_channel")),
            ["direction"] = Objectives.Direction(activations, direction),
            [$"direction_cossim{power}"] = Objectives.Direction(activations, direction, power),
            ["total_variation"] = Objectives.TotalVariation(activations) / count,
            ["l2"] = Objectives.L2(activations) / Math.Sqrt(count),
            ["diversity"] = Objectives.Likeness(activations),
        };
    }
}
