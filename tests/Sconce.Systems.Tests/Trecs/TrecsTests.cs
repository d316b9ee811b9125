using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Generation.Trecs;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Trecs;

[Collection(LiveTensors.Name)]
public sealed class TrecsTests
{
    private static readonly BertConfig Small = new()
    {
        Vocabulary = 20,
        Width = 8,
        Layers = 1,
        Heads = 2,
        Inner = 12,
        Positions = 6,
        Dropout = 0
    };
    private static readonly SceneComposer Composer = new(label => label < 2); // 0 and 1 are stuff

    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var tagger = new WordTagger(new BertConfig(), 183);
        using var painter = new SpadeGenerator(new SpadeConfig());
        Assert.Equal(0xcee6607dff6293ce, StateHash.Of(tagger));
        Assert.Equal(0xa761e896bc439398, StateHash.Of(painter));
    }

    [Fact]
    public void Every_variant_has_its_number_of_parameters()
    {
        using var skipped = Init.Skipped();
        foreach (var variant in new TrecsSystem().Variants.Where(variant => variant.Parameters > 0))
        {
            using var network = variant.Create(ModelOptions.Official);
            Assert.Equal(variant.Parameters, network.ParameterCount);
        }
    }

    [Fact]
    public void What_is_masked_is_not_read_and_gets_no_label()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var tagger = new WordTagger(Small, 3);
        Tensor pieces = Tensor.From([3L, 4, 5, 6], [1, 4]), others = Tensor.From([3L, 4, 9, 1], [1, 4]),
            mask = Tensor.From([1L, 1, 0, 0], [1, 4]);
        var logits = tagger.Call(pieces, mask);
        Assert.True(logits.Equal(tagger.Call(others, mask)));
        Assert.Equal(0, logits[.., 2..].Abs().Sum().Item<double>());
        Assert.True(tagger.Call(pieces[.., ..2], mask[.., ..2]).Allclose(logits[.., ..2], atol: 1e-6));
        Assert.Throws<TorchException>(() => tagger.Call(Tensor.Zeros([1, 7], DType.Int64), Tensor.Ones([1, 7], DType.Int64)));
    }

    [Theory]
    [InlineData(SpadeUpsampling.Normal, SpadeNorm.Batch, false)]
    [InlineData(SpadeUpsampling.More, SpadeNorm.Instance, false)]
    [InlineData(SpadeUpsampling.Most, SpadeNorm.Batch, true)]
    public void Every_form_of_painter_paints_at_its_size(SpadeUpsampling upsampling, SpadeNorm norm, bool spectral)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var painter = new SpadeGenerator(
            new SpadeConfig(3, 256) { Width = 2, AspectRatio = 2, Upsampling = upsampling, Norm = norm, Spectral = spectral });
        var map = painter.OneHot(Tensor.Randint(0, 3, [1, 32, 64], DType.Int64));
        Assert.Equal([1, 3, 32, 64], map.Shape.ToArray());
        Assert.Equal([1, 3, 128, 256], painter.Call(map).Shape.ToArray());
        Assert.Equal(spectral, painter.StateDict().Any(entry => entry.Name == "up_0.conv_0.weight_orig"));
        Assert.Throws<TorchException>(() => painter.Call(map[.., ..2]));
    }

    [Fact]
    public void The_painters_discriminator_judges_two_scales_and_its_losses_know_a_perfect_drawing()
    {
        using var scope = new TensorScope();
        using var discriminator = new SpadeDiscriminator(6, 4);
        var judged = discriminator.Call(Tensor.Randn([1, 6, 64, 64]));
        Assert.Equal([5, 5], judged.Scales.Select(scale => scale.Count));
        Assert.Equal(0, SpadeLosses.FeatureMatching(judged, judged).Item<double>());
        double mean = judged.Scales.Average(scale => scale[^1].Mean().Item<double>());
        Assert.Equal(-mean, SpadeLosses.Generator(judged).Item<double>(), 1e-5);
        Assert.True(SpadeLosses.Discriminator(judged, judged).Item<double>() >= 2 - 1e-5); // undecided costs two
        Assert.Contains("discriminator_1.model2.0.0.weight_orig", discriminator.StateDict().Select(entry => entry.Name));
    }

    [Fact]
    public void Towers_meet_in_vectors_of_length_one_and_right_pairs_cost_least()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var towers = new DualEncoder(Small, 5, 2);
        var text = towers.OfText(Tensor.From([3L, 4, 5, 6], [2, 2]), Tensor.Ones([2, 2], DType.Int64));
        var images = towers.OfImages(Tensor.Rand([2, 2, 16, 16]));
        foreach (var side in (Tensor[])[text, images]) Assert.True(side.Norm(2, [1]).Allclose(Tensor.Ones([2]), atol: 1e-5));
        var axes = Tensor.Eye(4);
        var loss = new DualEncoderLoss();
        Assert.True(loss.Of(axes, axes).Item<double>() < loss.Of(axes, axes.Roll([1], [0])).Item<double>());
    }

    [Fact]
    public void A_hull_holds_what_the_trace_surrounds_and_two_points_surround_nothing()
    {
        var square = TraceHull.Of([new(0.25, 0), new(0.75, 0), new(0.75, 1), new(0.25, 1), new(0.5, 0.5)], 2, 8);
        Assert.Equal([false, false, true, true, true, true, false, false], square.Pixels[..8]);
        Assert.Equal(8, square.Area);
        Assert.Equal(0, TraceHull.Of([new(0.1, 0.1), new(0.9, 0.9), new(0.9, 0.9)], 4, 4).Area);
        Assert.Equal(16, TraceHull.Of([new(-3, -3), new(7, -3), new(7, 7), new(-3, 7)], 4, 4).Area);
    }

    [Fact]
    public void Plain_overlap_prefers_the_large_and_share_of_class_the_small()
    {
        int[] map = [0, 0, 0, 0, 1, 0, 0, 0, 0];
        var all = TraceHull.Of([new(0, 0), new(1, 0), new(1, 1), new(0, 1)], 3, 3);
        Assert.Equal(0, TraceTags.Of(all, map, 2, TagRule.Cover));
        var middle = TraceHull.Of([new(0.2, 0.2), new(0.8, 0.2), new(0.8, 0.8), new(0.2, 0.8)], 3, 3);
        Assert.Equal(1, TraceTags.Of(middle, map, 2, TagRule.ClassShare));
        Assert.Null(TraceTags.Of(TraceHull.Of([], 3, 3), map, 2, TagRule.Cover));
        Assert.Throws<ArgumentException>(() => all.Cover([0], 2));
    }

    [Fact]
    public void Agreement_takes_a_ground_that_is_circled_for_the_ground_and_a_thing_for_the_thing()
    {
        int[] map = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0];
        var ground = TraceHull.Of([new(0, 0), new(1, 0), new(1, 0.75), new(0, 0.75)], 4, 4);
        Assert.Equal(0, TraceTags.Of(ground, map, 3, TagRule.Agreement));
        Assert.Equal(1, TraceTags.Of(ground, map, 3, TagRule.ClassShare)); // for all of the thing lies in it
        var thing = TraceHull.Of([new(0.2, 0.2), new(0.55, 0.2), new(0.55, 0.55), new(0.2, 0.55)], 4, 4);
        Assert.Equal(1, TraceTags.Of(thing, map, 3, TagRule.Agreement));
        Assert.Equal([11 / 14.0, 1 / 12.0, 0], ground.Agreement(map, 3));
    }

    [Fact]
    public void Words_of_made_narratives_are_tagged_with_what_they_name()
    {
        var world = TrecsWorld.Made(80, 5);
        var tags = NarrativeTags.Of(world.Scenes, world.Labels.Count);
        List<(string Word, int Tag)> named =
        [
            .. world.Scenes.Zip(tags).SelectMany(pair => pair.First.Narrative.Utterances.Zip(pair.Second, (word, tag) => (word.Text, tag)))
                .Where(pair => world.Labels.Contains(pair.Text)),
        ];
        Assert.All(named.GroupBy(pair => pair.Word), word =>
        {
            double right = word.Average(pair => world.Labels[Math.Max(0, pair.Tag)] == word.Key ? 1.0 : 0);
            Assert.True(right > 0.7, $"{word.Key}: {right:0.00}");
        });
    }

    [Fact]
    public void An_utterance_that_ends_as_it_begins_is_a_moment()
    {
        var narrative = new Narrative("1", "2", "a", [], [.. Enumerable.Range(0, 20).Select(k => new TimedPoint(new(k, 0), k * 0.05))]);
        Assert.Equal([7, 8, 9, 10, 11, 12, 13], narrative.TraceOf(new Utterance("a", 0.5, 0.5)).Select(point => (int)point.X));
        Assert.Equal([10, 11], narrative.TraceOf(new Utterance("a", 0.5, 0.551)).Select(point => (int)point.X));
    }

    [Fact]
    public void Words_that_say_nothing_follow_their_neighbours_and_phrases_join()
    {
        var flat = TraceTags.FlatWords([("a", 0), ("a", 1), ("a", 2), ("dog", 2), ("dog", 2)]);
        Assert.Equal(["a"], flat);
        Assert.Equal((int?[])[2, 2, 1], TraceTags.Cleaned(["a", "dog", "sky"], [0, 2, 1], flat.Contains));
        Assert.Equal((int?[])[2, 2], TraceTags.Cleaned(["dog", "a"], [2, 0], flat.Contains));
        TracePoint[] corner = [new(0, 0), new(0.5, 0), new(0, 0.5)];
        var phrases = TraceTags.Phrases([(2, corner), (2, [new(1, 1)]), (null, corner), (1, corner)], 4, 4);
        Assert.Equal([2, 1], phrases.Select(phrase => phrase.Label));
        Assert.True(phrases[0].Hull.Area > phrases[1].Hull.Area);
    }

    [Fact]
    public void A_things_mask_goes_where_the_mouse_was_and_a_missing_one_is_its_hull()
    {
        var thing = new bool[36];
        thing[0] = thing[1] = thing[6] = thing[7] = true; // 2 x 2 in the corner
        var scene = new Scene(6, 6, [.. Enumerable.Range(0, 36).Select(k => thing[k] ? 2 : k < 18 ? 0 : 1)], [new(2, thing)]);
        var place = TraceHull.Of([new(0.5, 0.5), new(0.84, 0.5), new(0.84, 0.84), new(0.5, 0.84)], 6, 6);
        int[] canvas = Composer.Compose([new(2, place)], [scene]);
        Assert.Equal([21, 22, 27, 28], canvas.Index().Where(pixel => pixel.Item == 2).Select(pixel => pixel.Index));
        Assert.Equal(0, canvas[0]); // the thing's old place takes its row's ground
        int[] unknown = Composer.Compose([new(5, place)], [scene]);
        Assert.Equal(place.Area, unknown.Count(label => label == 5));
        Assert.Throws<ArgumentException>(() => Composer.Compose([], []));
        Assert.Throws<ArgumentException>(() => Composer.Compose([new(2, TraceHull.Of([], 3, 3))], [scene]));
    }

    [Fact]
    public void The_ground_is_the_scene_whose_stuff_agrees()
    {
        Scene sky = new(2, 2, [0, 0, 0, 0], []), grass = new(2, 2, [1, 1, 1, 1], []);
        var everywhere = TraceHull.Of([new(0, 0), new(1, 0), new(1, 1), new(0, 1)], 2, 2);
        Assert.Equal([1, 1, 1, 1], Composer.Compose([new(1, everywhere)], [sky, grass]));
        Assert.Equal([0, 0, 0, 0], Composer.Compose([new(0, everywhere)], [grass, sky]));
    }

    [Fact]
    public void A_narratives_words_know_their_part_of_the_trace()
    {
        const string line = """
            {"dataset_id": "mscoco", "image_id": "42", "annotator_id": 7, "caption": "A dog.",
             "timed_caption": [{"utterance": "A", "start_time": 0.0, "end_time": 0.4},
                 {"utterance": "dog.", "start_time": 0.5, "end_time": 1.0}],
             "traces": [[{"x": 0.1, "y": -0.02, "t": 0.1}], [{"x": 0.3, "y": 0.4, "t": 0.7}]], "voice_recording": "x.ogg"}
            """;
        var narrative = Narrative.Read(line);
        Assert.Equal("42", narrative.ImageId);
        Assert.Equal([new TracePoint(0.3, 0.4)], narrative.TraceOf(narrative.Utterances[1]));
        Assert.Contains("Localized Narratives", Assert.Throws<DataException>(() => Narrative.Read("{}")).Message, StringComparison.Ordinal);
    }
}
