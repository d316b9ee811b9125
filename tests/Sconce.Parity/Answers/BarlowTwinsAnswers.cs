using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.SelfSupervision.BarlowTwins;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Barlow Twins: loss, LARS, schedule, the whole model.</summary>
internal sealed class BarlowTwinsAnswers : ParityAnswers
{
    internal override string System => "barlow_twins";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "barlow_twins_loss" => ParityAnswer.Of(inputs => Loss(config, inputs)),
            "lars" => ParityAnswer.Of(inputs => Steps(config, inputs, OptimizedNames.Of(question))),
            "lr_schedule" => ParityAnswer.Of(inputs => Rates(config, inputs)),
            "barlow_twins" => Model(config),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Loss(Config config, ParityInputs inputs)
    {
        var correlation = BarlowTwinsLoss.CrossCorrelation(inputs["z1"], inputs["z2"], config.Double("bn_eps", 1e-5));
        return new()
        {
            ["c"] = correlation,
            ["on_diag"] = BarlowTwinsLoss.Invariance(correlation),
            ["off_diag"] = BarlowTwinsLoss.Redundancy(correlation),
            ["loss"] = BarlowTwinsLoss.Compute(correlation, config.Double("lambd")),
        };
    }

    // Weights are what has two dimensions and more: main.py splits parameters so.
    private static Dictionary<string, Tensor> Steps(Config config, ParityInputs inputs, string[] all)
    {
        string[] names = [.. all.OrderBy(name => inputs[name].Dimensions == 1)];
        int weights = names.Count(name => inputs[name].Dimensions != 1);
        using var parameters = new Holder(names.Select(name => new Parameter(inputs[name].Clone())).ToArray());
        ParameterGroup[] groups =
        [
            new(parameters.Items[..weights], "weights"),
            new(parameters.Items[weights..], "vectors")
            {
                Decay = !config.Bool("weight_decay_filter", true),
                Adapt = !config.Bool("lars_adaptation_filter", true),
                RateFactor = config.Double("lr_biases") / config.Double("lr_weights"),
            },
        ];
        using var optimizer = new Lars(groups, config.Double("lr_weights"), config.Double("momentum"), config.Double("weight_decay"),
            config.Double("eta"));
        var outputs = new Dictionary<string, Tensor>();
        for (int step = 0; step < config.Int("steps"); step++)
        {
            for (int k = 0; k < names.Length; k++) parameters.Items[k].Grad = inputs[$"g{step}_{names[k]}"];
            optimizer.Step();
            for (int k = 0; k < names.Length; k++) outputs[$"step{step + 1}_{names[k]}"] = parameters.Items[k].Detach().Clone();
        }

        var state = optimizer.State();
        for (int k = 0; k < names.Length; k++)
        {
            outputs[$"mu_{names[k]}"] = state.Tensors[$"state.{k}.momentum_buffer"].Clone();
            parameters.Items[k].Grad = null;
        }

        return outputs;
    }

    private static Dictionary<string, Tensor> Rates(Config config, ParityInputs inputs)
    {
        var schedule = BarlowTwinsTraining.Schedule(config.Int("batch_size"), config.Int("steps_per_epoch"), config.Int("epochs"),
            config.Int("warmup_epochs", 10));
        double[] rates = [.. inputs["step"].To(DType.Float64).ToArray<double>()
            .Select(step => schedule.At((long)step) / BarlowTwinsTraining.WeightRate)];
        return new()
        {
            ["lr_weights"] = Tensor.From(rates.Select(rate => rate * config.Double("lr_weights")).ToArray()),
            ["lr_biases"] = Tensor.From(rates.Select(rate => rate * config.Double("lr_biases")).ToArray()),
        };
    }

    private static ParityAnswer Model(Config config)
    {
        int[] layers = config.String("backbone", "resnet50") switch
        {
            "resnet50" => [3, 4, 6, 3],
            "resnet101" => [3, 4, 23, 3],
            "resnet152" => [3, 8, 36, 3],
            var other => throw new ArgumentException($"Barlow Twins is built on bottlenecks here, not on {other}"),
        };
        var model = new BarlowTwins([.. config.String("projector").Split('-').Select(int.Parse)], layers);
        return new ParityAnswer(model, inputs =>
        {
            Tensor z1 = model.Call(inputs["y1"]), z2 = model.Call(inputs["y2"]);
            return new() { ["z1"] = z1, ["z2"] = z2, ["loss"] = model.EmbeddingLoss(z1, z2, config.Double("lambd")) };
        });
    }

    private sealed record Holder(Parameter[] Items) : IDisposable
    {
        public void Dispose()
        {
            foreach (var item in Items) item.Dispose();
        }
    }
}
