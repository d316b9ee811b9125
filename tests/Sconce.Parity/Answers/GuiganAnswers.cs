using System.Text.Json;
using Sconce.Nn;
using Sconce.Systems.Generation.Guigan;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>GUIGAN: its three networks, roll-outs, losses, the scores of style and structure.</summary>
internal sealed class GuiganAnswers : ParityAnswers
{
    internal override string System => "guigan";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "lstm_generator" => ParityAnswer.Of(new SubtreeGenerator(
                config.Int("num_emb"), config.Int("emb_dim", 32), config.Int("hidden_dim", 32))),
            "cnn_discriminator" => ParityAnswer.Of(new ScreenDiscriminator(
                config.Int("vocab_size"), config.Int("emb_dim", 64), Ints(config, "filter_sizes"), Ints(config, "num_filters"),
                config.Int("num_classes", 2), config.Double("dropout", 0.5))),
            "siamese" => Siamese(config),
            "contrastive_loss" => ParityAnswer.Of(inputs => new()
            {
                ["out"] = GuiganLosses.Contrastive(inputs["a"], inputs["b"], inputs["y"], config.Double("margin", 1)),
            }),
            "policy_gradient_loss" => ParityAnswer.Of(inputs => new() { ["out"] = Policy(inputs) }),
            "multi_loss" => Weighed(config),
            "monte_carlo_rollout" => Rewards(question),
            "rollout_update" => Update(question),
            "homogeneity" => ParityAnswer.Of(Scores),
            "tree_edit_distance" => ParityAnswer.Of(_ => new() { ["out"] = Distances(config) }),
            _ => null,
        };
    }

    private static int[]? Ints(Config config, string name) => config.Has(name) ? config.Ints(name) : null;

    private static ParityAnswer Siamese(Config config)
    {
        int[] input = config.Ints("input");
        var network = new StyleEmbedding(input[1], input[2]);
        return new(network, inputs =>
        {
            Tensor first = network.Call(inputs["x1"]), second = network.Call(inputs["x2"]);
            return new() { ["out1"] = first, ["out2"] = second, ["loss"] = GuiganLosses.Contrastive(first, second, inputs["y"]) };
        });
    }

    private static Tensor Policy(ParityInputs inputs) =>
        GuiganLosses.PolicyGradient(inputs["logits"].LogSoftmax(-1), inputs["target"], inputs["reward"]);

    private static ParityAnswer Weighed(Config config)
    {
        var weighed = new WeighedLosses(config.Double("cf_init", 1.55));
        return new(weighed, inputs =>
        {
            var policy = Policy(inputs);
            var loss = weighed.Call(policy, inputs["c"], inputs["t"]);
            return new() { ["multiloss"] = loss / 100, ["pg_loss"] = policy.Detach() }; // the case's own divisor
        });
    }

    private static (SubtreeGenerator Generator, ScreenDiscriminator Discriminator, ModuleDictionary<Module> Both) Players(
        ParityCase question)
    {
        long[] tokens = question.StateShape("g.emb.weight"), states = question.StateShape("g.lstm.weight_hh_l0");
        var filters = question.Items("tensors").Where(entry => entry.GetProperty("key").GetString() is { } key
            && key.StartsWith("d.convs.", StringComparison.Ordinal) && key.EndsWith(".weight", StringComparison.Ordinal))
                .Select(ParityCase.Shape).ToList();
        var generator = new SubtreeGenerator((int)tokens[0], (int)tokens[1], (int)states[1]);
        var discriminator = new ScreenDiscriminator(
            (int)tokens[0], (int)question.StateShape("d.emb.weight")[1], [.. filters.Select(shape => (int)shape[2])],
            [.. filters.Select(shape => (int)shape[0])], (int)question.StateShape("d.lin.weight")[0]);
        return (generator, discriminator, new() { ["g"] = generator, ["d"] = discriminator });
    }

    private static ParityAnswer Rewards(ParityCase question)
    {
        var (generator, discriminator, both) = Players(question);
        return new(both, inputs =>
        {
            var screens = inputs["x"];
            int rollouts = question.Config.Int("rollouts"), length = (int)screens.Size(1);

            // Officially each completion draws once more than it needs.
            var rows = Enumerable.Range(0, rollouts).SelectMany(_ => Enumerable.Range(1, length - 1))
                .SelectMany(l => Enumerable.Repeat(true, length - l).Append(false)).Index().Where(row => row.Item).Select(row => row.Index)
                    .GetEnumerator();
            using var rollout = new Rollout(generator);
            var rewards = rollout.LogRewards(screens, rollouts, discriminator.Call, probabilities =>
            {
                rows.MoveNext();
                return Draw(probabilities, inputs["u"][rows.Current]);
            });
            int next = 0;
            return new()
            {
                ["log_reward"] = rewards,
                ["reward"] = rewards.Exp(),
                ["free_sample"] = generator.Sample((int)screens.Size(0), length, probabilities => Draw(probabilities, inputs["u"][next++]))
                    .Float(),
            };
        });
    }

    /// <summary>The token below whose end of the line of probabilities the draw falls.</summary>
    private static Tensor Draw(Tensor probabilities, Tensor uniform)
    {
        var ends = probabilities.Cumsum(-1);
        var below = ends <= (uniform.Unsqueeze(1) * ends[.., ^1..]);
        return below.To(DType.Int64).Sum([1]).ClampMax(probabilities.Size(1) - 1);
    }

    private static ParityAnswer Update(ParityCase question)
    {
        var (generator, _, both) = Players(question);
        return new(both, _ =>
        {
            using var rollout = new Rollout(generator, question.Config.Double("update_rate", 0.8));
            using (Gradients.Off())
            {
                foreach (var (name, parameter) in generator.NamedParameters()) parameter.AddInPlace(
                    Formula.Floats("delta." + name, parameter.Shape), 0.5);
            }

            rollout.Update();
            return rollout.Copy.NamedParameters().ToDictionary(named => named.Name, named => named.Parameter.Detach().Clone());
        });
    }

    private static Dictionary<string, Tensor> Scores(ParityInputs inputs)
    {
        int[][] apps = Rows("labels"), clusters = Rows("clusters");
        return new()
        {
            ["homogeneity"] = Tensor.From([.. apps.Zip(clusters, (first, second) => StyleScore.Homogeneity(first, second))]),
            ["score"] = Tensor.From([.. apps.Zip(clusters, (first, second) => StyleScore.Of(first, second))]),
        };

        int[][] Rows(string name) =>
            [.. inputs.Raw(name).EnumerateArray().Select(row => row.EnumerateArray().Select(value => (int)value.GetDouble()).ToArray())];
    }

    private static Tensor Distances(Config config)
    {
        OrderedTree<int>[] trees = [.. config.List("trees").Select(Tree)];
        var distances = trees.SelectMany(first => trees.Select(second => (float)first.DistanceTo(second)));
        return Tensor.From(distances.ToArray(), [trees.Length, trees.Length]);

        static OrderedTree<int> Tree(JsonElement tree) => new(
            [.. tree.GetProperty("depth").EnumerateArray()
                .Zip(tree.GetProperty("label").EnumerateArray(), (depth, label) => (depth.GetInt32(), label.GetInt32()))]);
    }
}
