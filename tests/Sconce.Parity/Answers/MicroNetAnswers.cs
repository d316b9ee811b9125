using Sconce.Systems.Classification.MicroNet;

namespace Sconce.Parity.Answers;

/// <summary>MicroNet: whole networks, the stem, the three kinds of block, Dynamic Shift-Max.</summary>
internal sealed class MicroNetAnswers : ParityAnswers
{
    internal override string System => "micronet";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        switch (question.Model)
        {
            case "dynamic_shift_max":
                var activation =
                    new DynamicShiftMax(new ShiftMaxConfig(config.Int("channels"), config.Int("reduction", 8), Pair(config, "g"))
                    {
                        TwoBranches = config.Bool("two_branches", true),
                        Range = config.Double("act_max", 2),
                        InitialA = Factors(config, "init_a", (1, 1)),
                        InitialB = Factors(config, "init_b", (0, 0)),
                        Expansion = config.Bool("expansion", false),
                    });
                return ParityAnswer.Of(activation);
            case "micronet_stem":
                if (config.String("mode", "spatialsepsf") != "spatialsepsf")
                    throw new ArgumentException($"MicroNet's released stem is spatialsepsf, not {config.String("mode")}");
                var groups = Pair(config, "groups");
                if (groups.First * groups.Second != config.Int("oup"))
                    throw new ArgumentException("a stem of more convolutions than channels is in no released network");
                return ParityAnswer.Of(new MicroStem(config.Int("inp"), groups, config.Int("stride", 2)));
            case "micro_block":
                var row = MicroNetRow.Of(config.Ints("row"));
                return ParityAnswer.Of(new MicroBlock(Shared(config, new MicroNetConfig([row])), row, config.Int("inp"), row.Stride));
        }

        return config.Has("blocks") ? Network(config) : null;
    }

    private static ParityAnswer Network(Config config)
    {
        var network =
            new MicroNet(
                Shared(config,
                    new MicroNetConfig([.. config.List("blocks")
                        .Select(row => MicroNetRow.Of([.. row.EnumerateArray().Select(column => column.GetInt32())]))])) with
                {
                    StemChannels = config.Int("stem_ch"),
                    StemGroups = Pair(config, "stem_groups"),
                    HeadWidth = config.Int("out_ch"),
                    Dropout = config.Double("dropout", 0),
                    Classes = config.Int("num_classes", 1000),
                });
        return new ParityAnswer(network, inputs =>
        {
            var x = inputs["x"];
            var outputs = new Dictionary<string, Torch.Tensor>();
            int place = 0;
            foreach (var layer in network.Features) outputs[$"features{place++}"] = x = layer.Call(x);
            outputs[$"features{place - 1}"] = x = x.Relu6(); // the head's first step, in place: the official map is seen after it
            outputs["pooled"] = x = network.Avgpool.Call(x);
            outputs["out"] = network.Classifier.Call(x);
            return outputs;
        });
    }

    private static MicroNetConfig Shared(Config config, MicroNetConfig network)
    {
        foreach (string part in (string[])["depthsep", "shuffle"])
        {
            if (!config.Bool(part, true)) throw new ArgumentException($"every released MicroNet has {part}");
        }

        if (config.String("pointwise", "group") != "group")
            throw new ArgumentException("every released MicroNet's pointwise convolutions are grouped");
        var third = Factors(config, "init_ab3", (1, 0));
        return network with
        {
            Activation = config.String("act", "DYShiftMax") == "DYShiftMax" ? MicroNetActivation.DynamicShiftMax
                : throw new ArgumentException($"MicroNet's released activation is DYShiftMax, not {config.String("act")}"),
            Range = config.Double("act_max", 2),
            InitialA = Factors(config, "init_a", (1, 1)),
            InitialB = Factors(config, "init_b", (0, 0)),
            InitialThird = third,
            Reduction = config.Int("reduction", 8),
        };
    }

    private static (int First, int Second) Pair(Config config, string name) =>
        config.Ints(name) is [var first, var second] ? (first, second) : throw new ArgumentException($"{name}: two numbers");

    private static (double First, double Second) Factors(Config config, string name, (double First, double Second) official) =>
        !config.Has(name) ? official : config.Doubles(name) is [var first, var second]
        ? (first, second) : throw new ArgumentException($"{name}: two numbers");
}
