using System.Globalization;
using Sconce.Systems.Classification.FcaNet;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>FcaNet: whole networks, the attention layer, its filters, its equivalence to squeeze-and-excitation.</summary>
internal sealed class FcaNetAnswers : ParityAnswers
{
    internal override string System => "fcanet";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        switch (question.Model)
        {
            case "multi_spectral_attention":
                var layer = Attention(config);
                return new ParityAnswer(layer, inputs => new() { ["out"] = layer.Call(inputs["x"]), ["dct"] = layer.Squeeze(inputs["x"]) });
            case "dct_filters":
                return ParityAnswer.Of(inputs => Filters(config, inputs["x"]));
            case "senet_equivalence":
                return ParityAnswer.Of(inputs => Equivalence(config, inputs));
        }

        return config.Has("layers") ? Network(config) : null;
    }

    private static ParityAnswer Network(Config config)
    {
        var shape = new FcaNetConfig(config.String("block") switch
        {
            "basic" => false,
            "bottleneck" => true,
            var block => throw new ArgumentException($"FcaNet has no block '{block}'"),
        }, config.Ints("layers"))
        {
            Classes = config.Int("num_classes", 1000),
            Reduction = config.Int("reduction", 16),
            Frequencies = FrequencySelection.Parse(config.String("freq_sel_method", "top16")),
        };
        if (config.Has("dct_size"))
        {
            shape = shape with
            {
                SqueezeSides = config.Child("dct_size").Element.EnumerateObject()
                .ToDictionary(side => int.Parse(side.Name, CultureInfo.InvariantCulture), side => side.Value.GetInt32())
            };
        }

        var network = FcaNet.Create(shape);
        return new ParityAnswer(network, inputs =>
        {
            var stem = network.Stem(inputs["x"]);
            var first = network.Layer1.Call(stem);
            var second = network.Layer2.Call(first);
            var third = network.Layer3.Call(second);
            var fourth = network.Layer4.Call(third);
            return new()
            {
                ["stem"] = stem,
                ["layer1"] = first,
                ["layer2"] = second,
                ["layer3"] = third,
                ["layer4"] = fourth,
                ["out"] = network.Fc!.Call(fourth.Mean([2, 3]))
            };
        });
    }

    private static MultiSpectralAttention Attention(Config config) =>
        new(config.Int("channel"), (config.Int("dct_h"), config.Int("dct_w")), config.Int("reduction", 16),
            FrequencySelection.Parse(config.String("freq_sel_method", "top16")));

    private static Dictionary<string, Tensor> Filters(Config config, Tensor x)
    {
        var selection = FrequencySelection.Parse(config.String("freq_sel_method"));
        using var layer = new MultiSpectralDct(config.Int("channel"), (config.Int("dct_h"), config.Int("dct_w")), selection);
        var scaled = MultiSpectralDct.Scaled(layer.Size, selection).ToList();
        if (!scaled.Select(frequency => frequency.Vertical).SequenceEqual(config.Ints("mapper_x"))
            || !scaled.Select(frequency => frequency.Horizontal).SequenceEqual(config.Ints("mapper_y")))
        {
            throw new ArgumentException($"{config.String("freq_sel_method")} means other frequencies officially");
        }

        return new() { ["filter"] = layer.Weight.Clone(), ["dct"] = layer.Call(x) };
    }

    private static Dictionary<string, Tensor> Equivalence(Config config, ParityInputs inputs)
    {
        using var layer = Attention(config);
        using (Gradients.Off())
        {
            ((Sconce.Nn.Linear)layer.Fc[0]).Weight.CopyInPlace(inputs["w1"]);
            ((Sconce.Nn.Linear)layer.Fc[2]).Weight.CopyInPlace(inputs["w2"]);
        }

        return new() { ["fca_top1"] = layer.Call(inputs["x"]), ["dct"] = layer.Squeeze(inputs["x"]), ["gap"] = inputs["x"].Mean([2, 3]) };
    }
}
