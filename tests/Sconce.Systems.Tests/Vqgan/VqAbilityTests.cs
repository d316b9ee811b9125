using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Sampling;
using Sconce.Systems.Generation;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Vqgan;

/// <summary>Pictures through the sessions, with small networks of random weights.</summary>
[Collection(LiveTensors.Name)]
public sealed class VqAbilityTests
{
    private const int Side = 32;
    private const int Grid = 16;
    private static readonly VqConfig Grey = VqModelTests.Small with
    {
        Autoencoder = VqModelTests.Small.Autoencoder with { InputChannels = 1, OutputChannels = 1 },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_picture_is_reconstructed_whole_but_for_its_edges_or_as_the_square_in_its_middle()
    {
        using var session = new VqReconstructSession(new Request(CodeCondition.Start));
        var whole = session.Ask(Noise(51, 32), cancellation: Cancellation);
        Assert.Equal((50, 32), (whole.Picture.Picture.Width, whole.Picture.Picture.Height));
        Assert.Equal(25 * 16, whole.Codes);
        Assert.InRange(whole.Distinct, 1, 12);
        Assert.InRange(whole.Difference, 0.01, 1);
        var square = session.Ask(Noise(51, 40), new VqReconstructSettings { Square = true }, cancellation: Cancellation);
        Assert.Equal((Side, Side), (square.Picture.Picture.Width, square.Picture.Picture.Height));
        using var larger = new VqReconstructSession(new Request(CodeCondition.Start) { Size = 48 });
        Assert.Equal(48, larger.Ask(Noise(64, 64), cancellation: Cancellation).Picture.Picture.Width);
    }

    [Fact]
    public void A_seed_fixes_the_pictures()
    {
        using var session = new VqGenerateSession(new Request(CodeCondition.Start));
        var first = Made(session, new() { Drawing = new() { Count = 3, Seed = 4, Batch = 2 } });
        Assert.Equal(3, first.Count);
        Assert.Equal(Pixels(first), Pixels(Made(session, new() { Drawing = new() { Count = 3, Seed = 4, Batch = 2 } })));
        Assert.NotEqual(Pixels(first), Pixels(Made(session, new() { Drawing = new() { Count = 3, Seed = 5, Batch = 2 } })));
        byte[] alone = Pixels(Made(session, new() { Drawing = new() { Count = 2, Seed = 4, Batch = 1 } }));
        Assert.All(Pixels(first[..2]).Zip(alone), pair => Assert.InRange(pair.First - pair.Second, -1, 1)); // but for rounding
    }

    [Fact]
    public void Larger_pictures_are_drawn_through_a_window()
    {
        using var session = new VqGenerateSession(new Request(CodeCondition.Coordinates));
        var picture = Assert.Single(Made(session, new() { Drawing = new() { Count = 1 }, Width = 38, Height = 34 }));
        Assert.Equal((38, 34), (picture.Width, picture.Height));
        var fault = Assert.Throws<SettingsException>(() => Made(session, new() { Width = 33 }));
        Assert.Contains("paints 32 pixels or more, in multiples of 2", fault.Message);
    }

    [Fact]
    public void A_class_is_asked_for_where_there_are_classes_and_refused_elsewhere()
    {
        using var classes = new VqGenerateSession(new Request(CodeCondition.Class));
        Assert.Contains("name one by its number", Assert.Throws<SettingsException>(() => Made(classes, new())).Message);
        Assert.Contains("beyond 11", Assert.Throws<SettingsException>(() => Made(classes, Of(12))).Message);
        Assert.Equal(Side, Assert.Single(Made(classes, Of(11))).Width);
        using var plain = new VqGenerateSession(new Request(CodeCondition.Start));
        Assert.Contains("knows no classes", Assert.Throws<SettingsException>(() => Made(plain, Of(1))).Message);

        static VqGenerateSettings Of(int number) => new() { Drawing = new() { Count = 1 }, Condition = new() { Class = number } };
    }

    [Fact]
    public void Pictures_follow_a_picture_that_is_named()
    {
        using var session = new VqGenerateSession(new Request(CodeCondition.Picture));
        Assert.Contains("name one", Assert.Throws<SettingsException>(() => Made(session, new())).Message);
        var settings = new VqGenerateSettings { Drawing = new() { Count = 1 }, Condition = new() { From = Noise(40, 32) } };
        Assert.Equal(Side, Assert.Single(Made(session, settings)).Width);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_not_kept_is_new_in_every_answer_and_with_every_seed(bool isTop)
    {
        var picture = Noise(Side, Side);
        using var session = new VqCompleteSession(new Request(CodeCondition.Start));
        var settings = new VqCompleteSettings { Keep = isTop ? KeptRegion.Top : KeptRegion.Left, Share = 0.5, Count = 2, Seed = 1 };
        var made = session.Ask(picture, settings, cancellation: Cancellation).Items.ToList();
        Assert.Equal(2, made.Count);
        Assert.NotEqual(made[0].Pixels.ToArray(), made[1].Pixels.ToArray());
        var other = session.Ask(picture, settings with { Seed = 2 }, cancellation: Cancellation).Items.First();
        Assert.NotEqual(made[0].Pixels.ToArray(), other.Pixels.ToArray());
    }

    [Fact]
    public void Given_codes_stay_and_open_ones_are_drawn_as_a_sequence_would()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = Network(CodeCondition.Start);
        var start = Tensor.Zeros([1, 1], DType.Int64);
        var all = CodeSampling.Continue(network.Transformer, start, Grid * Grid, TokenSampler.Greedy);
        var open = all.Clone();
        open.Narrow(1, 5, 20).FillInPlace(-1); // what lies behind is given
        Assert.True(CodeSampling.Fill(network.Transformer, start, open, TokenSampler.Greedy).Equal(all));
    }

    [Fact]
    public void Each_network_of_the_card_has_the_abilities_of_its_stage()
    {
        var system = new VqganSystem();
        var target = new AbilityTarget("vqgan", system, null);
        Assert.All(system.Abilities, ability => Assert.NotNull(target.NetworkFor(ability)));
        var abilities = system.Abilities.ToLookup(ability => ability.Verb);
        var codec = system.Variants.Single(variant => variant.Name == "vqgan_imagenet_f16_1024").Capabilities;
        var drawing = system.Variants.Single(variant => variant.Name == "vqgan_cin_transformer").Capabilities;
        Assert.All(abilities[Verb.Reconstruct], ability => Assert.True(ability.Fits(codec) && !ability.Fits(drawing)));
        var makers = abilities[Verb.Generate].Concat(abilities[Verb.Complete]);
        Assert.All(makers, ability => Assert.True(ability.Fits(drawing) && !ability.Fits(codec)));
    }

    private static List<Image> Made(VqGenerateSession session, VqGenerateSettings settings) =>
        [.. session.Ask(Nothing.Instance, settings, cancellation: Cancellation).Items];

    private static byte[] Pixels(IEnumerable<Image> pictures) => [.. pictures.SelectMany(picture => picture.Pixels.ToArray())];

    private static Image Noise(int width, int height)
    {
        var image = new Image(width, height);
        new Random(3).NextBytes(image.Pixels);
        return image;
    }

    private static Net2Net Network(CodeCondition condition)
    {
        TorchRuntime.ManualSeed(6);
        var network = new Net2Net(new Net2NetConfig
        {
            FirstStage = VqModelTests.Small,
            ConditionStage = condition == CodeCondition.Picture ? Grey : null,
            Transformer = new() { Vocabulary = 12, Length = 2 * Grid * Grid, Layers = 1, Heads = 2, Width = 8 },
            Condition = condition,
            Coordinates = new CoordinateCodes(11, 2),
        });
        foreach (var parameter in network.Transformer.Parameters()) Init.Normal(parameter, 0.5);
        foreach (var stage in new[] { network.FirstStageModel, network.CondStageModel }) Spread(stage);
        network.Eval();
        return network;
    }

    /// <summary>Codes that differ, so that pictures do.</summary>
    private static void Spread(VqModel? stage)
    {
        if (stage?.Quantize is VectorQuantizer quantizer) Init.Normal(quantizer.Embedding.Weight);
    }

    /// <summary>Gives small networks.</summary>
    private sealed class Request(CodeCondition condition) : OpenRequest
    {
        public override string Name => "vqgan";

        public override string NetworkName => "vqgan";

        public override string Weights => "";

        public override IReadOnlyList<Capability> Capabilities => [new PictureCodec(Side), new CodeGenerator(condition)];

        public override IReadOnlyList<string>? Classes => null;

        public override int Outputs => 0;

        public override T Network<T>() => typeof(T) == typeof(VqModel) ? (T)(Module)Codec() : (T)(Module)Network(condition);

        public override Module<Tensor, Tensor> Features() => throw new NotSupportedException();

        private static Net2Net Network(CodeCondition condition) => VqAbilityTests.Network(condition);

        private static VqModel Codec()
        {
            TorchRuntime.ManualSeed(6);
            var model = new VqModel(VqModelTests.Small);
            Spread(model);
            model.Eval();
            return model;
        }
    }
}
