using Sconce.Nn;
using Sconce.Systems.Analysis.RankCollapse;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Rank collapse: measures, networks, paths.</summary>
internal sealed class RankCollapseAnswers : ParityAnswers
{
    internal override string System => "rank_collapse";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "residual_measures" => ParityAnswer.Of(inputs => Measures(inputs["x"])),
            "san" => Network(config),
            "path_decomposition" => Paths(config),
            "path_length_distribution" => ParityAnswer.Of(_ => config.List("nets").ToDictionary(
                net => net[0].GetString()!, net =>
                Tensor.From(PathDecomposition.LengthDistribution(net[1].GetInt32(), net[2].GetInt32())))),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Measures(Tensor x)
    {
        var residual = ResidualMeasures.Residual(x);
        var outputs = new Dictionary<string, Tensor> { ["residual"] = residual };
        foreach (var (name, norm) in new (string, Func<Tensor, Tensor>)[]
            { ("l1", ResidualMeasures.OneNorm), ("linf", ResidualMeasures.InfinityNorm), ("composite", ResidualMeasures.CompositeNorm),
                ("frobenius", ResidualMeasures.FrobeniusNorm) })
        {
            outputs[name] = norm(x);
            outputs[name + "_res"] = norm(residual);
            outputs[name + "_ratio"] = norm(residual) / norm(x);
        }

        outputs["composite_svd_ratio"] = ResidualMeasures.CompositeNorm(ResidualMeasures.RankOneResidual(x))
            / ResidualMeasures.CompositeNorm(x);
        return outputs;
    }

    private static SelfAttentionNetwork Build(Config config) =>
        new(new SelfAttentionConfig(config.Int("dim"), config.Int("heads"), config.Int("depth"), config.Int("dqk"), config.Int("dv"))
        {
            Skip = config.Bool("skip", false),
            MlpWidth = config.Bool("mlp", false) ? config.Int("mlp_dim") : null,
            Norm = config.Bool("norm", false),
            Activation = config.String("mlp_activation", "relu") switch
            {
                "relu" => () => new Relu(),
                "gelu" => () => new Gelu(),
                "tanh" => () => new Tanh(),
                var other => throw new ArgumentException($"no activation '{other}' here"),
            },
        });

    private static ParityAnswer Network(Config config)
    {
        var network = Build(config);
        return new ParityAnswer(network, inputs =>
        {
            var hidden = network.Hidden(inputs["x"]);
            return new()
            {
                ["out"] = hidden[^1],
                ["attention_first"] = network.Layers[0].Attention(inputs["x"]),
                ["ratio"] = Tensor.Stack([.. hidden.Select(ResidualMeasures.Ratio)], 0),
            };
        });
    }

    private static ParityAnswer Paths(Config config)
    {
        var network = Build(config);
        return new ParityAnswer(network, inputs =>
        {
            var x = inputs["x"];
            var paths = new PathDecomposition(network, x);
            var outputs = paths.Paths.ToDictionary(path => $"path_{string.Concat(path)}", path => paths.Output(path));
            var sum = outputs.Values.Aggregate((a, b) => a + b);
            outputs["sum_of_paths"] = sum;
            outputs["bias_row"] = paths.BiasRow();
            outputs["sum_plus_bias"] = sum + outputs["bias_row"];
            outputs["out"] = network.Call(x);
            return outputs;
        });
    }
}
