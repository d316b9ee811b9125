using System.Text.Json;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.SelfSupervision.Seer;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>SwAV and SEER: codes, loss, steps with and without a queue, LARC, networks and heads.</summary>
internal sealed class SwavAnswers : ParityAnswers
{
    internal override string System => "swav";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "sinkhorn" => ParityAnswer.Of(inputs => new()
            {
                ["q"] = Sinkhorn.Assign(inputs["scores"], config.Double("epsilon", 0.05), config.Int("iterations", 3),
                    config.Bool("hard_assignment", false)),
            }),
            "swav_loss" => ParityAnswer.Of(inputs => new() { ["loss"] = Loss(config).Compute(inputs["scores"], config.Int("num_crops")) }),
            "swav_train_steps" => ParityAnswer.Of(inputs => Steps(config, inputs)),
            "larc" => ParityAnswer.Of(inputs => Larc(config, inputs, OptimizedNames.Of(question))),
            "swav_resnet50" => Network(config),
            "seer_head" => Head(config),
            _ => null,
        };
    }

    private static SwavLoss Loss(Config config) => new()
    {
        CropsForAssign = config.Ints("crops_for_assign"),
        Epsilon = config.Double("epsilon", 0.05),
        Iterations = config.Int("iterations", 3),
        Temperature = config.Double("temperature", 0.1),
        HardCodes = config.Bool("hard_assignment", false),
    };

    private static Dictionary<string, Tensor> Steps(Config config, ParityInputs inputs)
    {
        using var recording = Gradients.On();
        var loss = Loss(config);
        int crops = config.Ints("nmb_crops").Sum(), batch = config.Int("batch"), length = config.Int("queue_length", 0);
        length -= length % batch;
        using var prototypes = new Parameter(inputs["prototypes"].Clone());
        using var queue = length > 0 ? new SwavQueue(loss.CropsForAssign.Count, length, config.Int("dim")) : null;
        using var optimizer = new Sgd([prototypes], config.Double("lr"), config.Double("momentum", 0),
            weightDecay: config.Double("weight_decay", 0));
        var outputs = new Dictionary<string, Tensor>();
        for (int step = 0; step < config.Int("steps"); step++)
        {
            SwavNetwork.Normalize(prototypes);
            var embedding = Functional.Normalize(inputs[$"emb{step}"]);
            optimizer.ZeroGrad();
            var value = loss.Compute(embedding.Matmul(prototypes.T()), crops,
                queue is null ? null : code => queue.Scores(code, prototypes));
            value.Backward();
            queue?.Push(embedding, batch, loss.CropsForAssign);
            if (step < config.Int("freeze_prototypes_iters", 0)) prototypes.Grad = null;
            optimizer.Step();
            outputs[$"loss{step}"] = value.Detach();
            outputs[$"prototypes{step}"] = prototypes.Detach().Clone();
            if (queue is not null) outputs[$"queue{step}"] = queue.Embeddings.Detach().Clone();
        }

        optimizer.ZeroGrad();
        return outputs;
    }

    private static Dictionary<string, Tensor> Larc(Config config, ParityInputs inputs, string[] names)
    {
        var parameters = names.Select(name => new Parameter(inputs[name].Clone())).ToArray();
        using var optimizer = new Larc([new ParameterGroup(parameters)], config.Double("lr"), config.Double("momentum", 0.9),
            config.Double("weight_decay", 0), config.Double("trust_coefficient", 0.02), config.Bool("clip", true),
            config.Double("eps", 1e-8), config.Bool("nesterov", false));
        var outputs = new Dictionary<string, Tensor>();
        for (int step = 0; step < config.Int("steps"); step++)
        {
            for (int k = 0; k < names.Length; k++) parameters[k].Grad = inputs[$"g{step}_{names[k]}"];
            optimizer.Step();
            for (int k = 0; k < names.Length; k++) outputs[$"step{step + 1}_{names[k]}"] = parameters[k].Detach().Clone();
        }

        var state = optimizer.State();
        for (int k = 0; k < names.Length; k++)
        {
            if (state.Tensors.TryGetValue($"state.{k}.momentum_buffer", out var velocity)) outputs[$"mu_{names[k]}"] = velocity.Clone();
            parameters[k].Dispose();
        }

        return outputs;
    }

    private static ParityAnswer Network(Config config)
    {
        var sets = config.Has("nmb_prototypes") ? config.Element.GetProperty("nmb_prototypes") : default;
        var network = new SwavResNet(new SwavResNetConfig
        {
            Widen = config.String("arch", "resnet50") switch
            {
                "resnet50" => 1,
                "resnet50w2" => 2,
                "resnet50w4" => 4,
                "resnet50w5" => 5,
                var other => throw new ArgumentException($"SwAV has no '{other}'"),
            },
            Layers = config.Has("layers") ? config.Ints("layers") : [3, 4, 6, 3],
            HiddenMlp = config.Int("hidden_mlp", 0),
            OutputDim = config.Int("output_dim", 0),
            Prototypes = sets.ValueKind == JsonValueKind.Array ? config.Ints("nmb_prototypes") : config.Int("nmb_prototypes", 0) is > 0
                and var count ? [count] : [],
            NumberedPrototypes = sets.ValueKind == JsonValueKind.Array,
            Normalize = config.Bool("normalize", false),
        });
        return new ParityAnswer(network, inputs =>
        {
            Tensor[] crops = inputs.Has("crop0")
                ? [.. Enumerable.Range(0, inputs.All.Count).Select(k => inputs[$"crop{k}"])] : [inputs["x"]];
            var outputs = Outputs(network.Crops(crops));
            if (outputs.TryGetValue("scores0", out var scores)) outputs["scores"] = scores;
            return outputs;
        });
    }

    private static ParityAnswer Head(Config config)
    {
        var head = new SeerHead(new SeerHeadConfig(config.Ints("dims"), config.Has("num_clusters") ? config.Ints("num_clusters") : [])
        {
            UseBatchNorm = config.Bool("use_bn"),
            UseBias = config.Bool("use_bias", true),
            SkipLastNorm = config.Bool("skip_last_bn", true),
            NormalizeFeatures = config.Bool("normalize_feats", true),
            Gelu = config.String("activation_name", "ReLU") == "GELU",
        });
        return new ParityAnswer(head, inputs => Outputs(head.Call(inputs["x"])));
    }

    private static Dictionary<string, Tensor> Outputs(SwavOutput output)
    {
        var outputs = new Dictionary<string, Tensor> { ["embedding"] = output.Embedding };
        for (int k = 0; k < output.Scores.Count; k++) outputs[$"scores{k}"] = output.Scores[k];
        return outputs;
    }
}
