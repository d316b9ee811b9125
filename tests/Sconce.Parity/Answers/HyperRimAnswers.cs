using Sconce.Nn;
using Sconce.Systems.Generation.HyperRim;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>HyperRIM: the generator and its parts, features, the loss over levels, the selection of codes.</summary>
internal sealed class HyperRimAnswers : ParityAnswers
{
    internal override string System => "hyperrim";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "rrdb" => ParityAnswer.Of(new ResidualInResidual(config.Int("nc"), config.Int("gc"))),
            "style_block" => Style(config),
            "lpips_features" => Features(),
            "intermediate_supervision_loss" => Loss(config),
            "hierarchical_imle" => Selection(config),
            _ when config.Has("num_residual_channels") => Generator(question),
            _ => null,
        };
    }

    private static HyperRimConfig NetworkOf(Config config) => new()
    {
        Inputs = config.Int("in_nc", 3),
        Outputs = config.Int("out_nc", 3),
        CodeChannels = config.Int("code_nc", 5),
        Vector = config.Int("map_nc", 128),
        Style = config.Int("latent_nc", 512),
        Residual = config.Ints("num_residual_channels"),
        Dense = config.Ints("num_dense_channels"),
        Blocks = config.Int("num_blocks", 6),
        FeatureScales = config.Has("feat_scales") ? config.Doubles("feat_scales") : null,
        KeepsSize = config.Bool("no_upsample", false),
    };

    private static ParityAnswer Style(Config config)
    {
        var block = new StyleBlock(config.Int("nc"), config.Int("gc"), config.Int("blocks"), config.Int("latent_nc"));
        return new ParityAnswer(block, inputs => new() { ["out"] = block.Call(inputs["x"], inputs["w"]) });
    }

    private static ParityAnswer Features()
    {
        var features = new PerceptualFeatures();
        return new ParityAnswer(features, inputs =>
        {
            var outputs = new Dictionary<string, Tensor> { ["loss"] = features.Distance(inputs["x"], inputs["y"]) };
            foreach (var (k, rows) in features.Call(inputs["x"]).Rows.Index()) outputs[$"feat{k + 1}"] = rows;
            return outputs;
        });
    }

    /// <summary>The outputs, in the case's order, are the levels'.</summary>
    private static ParityAnswer Generator(ParityCase question)
    {
        var network = new HyperRimNetwork(NetworkOf(question.Config));
        string[] names = [.. question.Properties("outputs").Select(output => output.Name)];
        return new ParityAnswer(network, inputs =>
        {
            var pictures = network.Call(inputs[inputs.Has("lr") ? "lr" : "x"], Codes(inputs, network.Config.Levels));
            return pictures.Index().TakeLast(names.Length).Zip(names).ToDictionary(pair => pair.Second, pair => pair.First.Item);
        });
    }

    private static Tensor[] Codes(ParityInputs inputs, int levels) =>
        [.. Enumerable.Range(1, levels).Select(level => inputs[$"code{level}"])];

    private static (ModuleDictionary<Module> Both, HyperRimNetwork Network, PerceptualFeatures Features) Players(Config config)
    {
        var network = new HyperRimNetwork(NetworkOf(config));
        var features = new PerceptualFeatures();
        return (new ModuleDictionary<Module> { ["netG"] = network, ["netF"] = features }, network, features);
    }

    private static ParityAnswer Loss(Config config)
    {
        var (both, network, features) = Players(config);
        return new ParityAnswer(both, inputs =>
        {
            int levels = network.Config.Levels;
            var pictures = network.Call(inputs["lr"], Codes(inputs, levels));
            bool everyLevel = config.Bool("inter_supervision", true);
            return new() { ["loss"] = HyperRimLoss.Of(features, pictures, Targets(inputs, levels), everyLevel) };
        });
    }

    private static ParityAnswer Selection(Config config)
    {
        var (both, network, features) = Players(config);
        return new ParityAnswer(both, inputs =>
        {
            int levels = network.Config.Levels;
            var pools = Enumerable.Range(1, levels).Select(level => inputs[$"pool{level}"]).ToList();
            var projections = Enumerable.Range(1, levels).Select(Projections).ToList();
            var winners = ImleSelection.Select(network, features, inputs["lr"], Targets(inputs, levels), pools, projections);
            var outputs = new Dictionary<string, Tensor>();
            foreach (var (k, winner) in winners.Index())
            {
                outputs[$"dist{k + 1}"] = winner.Distances;
                outputs[$"best{k + 1}"] = Tensor.From<long>([winner.Index + 1]);
            }

            return outputs;

            IReadOnlyList<Tensor> Projections(int level) =>
                [.. Enumerable.Range(0, 5).Select(k => ImleSelection.Unit(inputs[$"p{level}_{k}"]))];
        });
    }

    /// <summary>Where only the last level counts, the case has no others.</summary>
    private static Tensor[] Targets(ParityInputs inputs, int levels) =>
        [.. Enumerable.Range(1, levels).Select(level => inputs[level < levels && inputs.Has($"d{level}") ? $"d{level}" : "hr"])];
}
