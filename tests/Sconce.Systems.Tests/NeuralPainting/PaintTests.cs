using System.Xml.Linq;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Systems.Generation.NeuralPainting;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.NeuralPainting;

/// <summary>Photos painted: the engine, the renderer by formula, the search, what comes out.</summary>
[Collection(LiveTensors.Name)]
public sealed class PaintTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-paint-").FullName;

    public static TheoryData<string> Brushes => [.. Brush.All.Select(brush => brush.Name)];

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [MemberData(nameof(Brushes))]
    public void Engine_and_formula_draw_the_same_stroke(string name)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var brush = Brush.Named(name);
        float[] stroke = White(brush, brush.Curved ? [0.3f, 0.6f, 0.5f, 0.2f, 0.7f, 0.4f, 0.5f, 0.5f] : [0.5f, 0.45f, 0.7f, 0.3f, 0.2f]);
        var engine = new StrokeEngine(64, 64, Rgb.Black);
        engine.Draw(brush, stroke);
        using var renderer = new AnalyticRenderer(brush, 64, 200);
        var drawn = renderer.Call(Tensor.From(stroke, [1, brush.Width]));
        Tensor one = engine.ToImage().ToTensor() > 0.5, other = (drawn.Foreground * drawn.Alpha)[0] > 0.5;
        double shared = (one & other).Float().Sum().Item<double>() / (one | other).Float().Sum().Item<double>();
        // Bristles leave gaps; a marker has a square tip in the engine, a round one in the formula.
        Assert.True(shared > (brush.Opaque ? 0.6 : brush == Brush.Marker ? 0.7 : 0.8), $"{shared:0.00}");
    }

    [Theory]
    [MemberData(nameof(Brushes))]
    public void The_formula_has_a_gradient_for_every_number_of_the_shape_and_the_colour(string name)
    {
        using var scope = new TensorScope();
        var brush = Brush.Named(name);
        using var renderer = new AnalyticRenderer(brush, 16);
        var strokes = (Tensor.Rand([4, brush.Width]) * 0.6) + 0.2;
        strokes = strokes.Detach();
        strokes.RequiresGrad = true;
        var drawn = renderer.Call(strokes);
        var weights = Tensor.Rand([4, 3, 16, 16]);
        var gradient = Gradients.Of([(drawn.Foreground * drawn.Alpha * weights).Sum()], [strokes])[0].Abs().Sum([0]).ToArray<float>();
        int[] dead = brush == Brush.Marker ? [7] : brush.Opaque ? [brush.Width - 1] : []; // a marker has one radius, oil no opacity
        for (int k = 0; k < brush.Width; k++) Assert.Equal(!dead.Contains(k), gradient[k] > 0);
    }

    [Fact]
    public void Strokes_too_small_to_see_and_markers_too_short_are_left_out()
    {
        var engine = new StrokeEngine(40, 30, Rgb.White);
        engine.Draw(Brush.Tape, [0.5f, 0.5f, 0.02f, 0.02f, 0, 0, 0, 0, 1]);
        engine.Draw(Brush.Marker, [0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0, 1]);
        Assert.All(engine.ToImage().Pixels.ToArray(), value => Assert.Equal(255, value));
        engine.Draw(Brush.Tape, [0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0, 0, 1]);
        Assert.Contains((byte)0, engine.ToImage().Pixels.ToArray());
        Assert.Throws<ArgumentException>(() => engine.Draw(Brush.Tape, [1, 2]));
        Assert.Throws<ArgumentException>(() => new StrokeEngine(0, 3, Rgb.White));
    }

    [Fact]
    public void A_grid_follows_the_canvas_and_its_cells_are_cut_row_by_row()
    {
        using var scope = new TensorScope();
        var grid = StrokeGrid.Of(2, 300, 100);
        Assert.Equal((2, 6, 12), (grid.Rows, grid.Columns, grid.Cells));
        var picture = Tensor.Arange(2 * 6 * 4, dtype: DType.Float32).Reshape([1, 4, 12]);
        var cells = grid.Cut(picture, 2);
        Assert.Equal([12, 1, 2, 2], cells.Shape.ToArray());
        Assert.Equal([24f, 25, 36, 37], cells[6].ToArray<float>()); // the second row's first
        var placed = StrokeCoordinates.OnCanvas(Tensor.Full([12, 1, 9], 0.5, DType.Float32), Brush.Tape, grid);
        Assert.Equal(2.75, placed[11, 0, 0].Item<double>(), 1e-5);
        Assert.Equal(0.25, placed[11, 0, 2].Item<double>(), 1e-5);
    }

    [Fact]
    public void A_painting_comes_closer_to_its_photo_with_the_search_and_is_the_same_again()
    {
        var photo = Photo(48, 32);
        using var session = Open("rectangle");
        var settings = new PaintSettings { Strokes = 40, Brush = PaintBrush.Tape, Passes = 3, Steps = 40, Seed = 5 };
        var painted = session.Ask(photo, settings, null, TestContext.Current.CancellationToken);
        var guessed = session.Ask(photo, settings with { Steps = 1 }, null, TestContext.Current.CancellationToken);
        var again = session.Ask(photo, settings, null, TestContext.Current.CancellationToken);
        Assert.Equal((48, 32), (painted.Picture.Picture.Width, painted.Picture.Picture.Height));
        Assert.True(Error(photo, painted) < Error(photo, guessed), $"{Error(photo, painted)} {Error(photo, guessed)}");
        Assert.Equal(painted.Picture.Picture.Pixels.ToArray(), again.Picture.Picture.Pixels.ToArray());
        Assert.InRange(painted.Strokes.Items.Count, 20, 40);
        Assert.All(painted.Strokes.Items, row => Assert.Equal(9, row.Count));
    }

    [Theory]
    [InlineData(PaintBrush.Oil)]
    [InlineData(PaintBrush.Watercolor)]
    [InlineData(PaintBrush.Marker)]
    [InlineData(PaintBrush.Tape)]
    public void Every_brush_gives_a_picture_vectors_and_rows(PaintBrush brush)
    {
        using var session = Open("rectangle");
        var answer = session.Ask(
            Photo(20, 20), new PaintSettings { Strokes = 3, Brush = brush, Steps = 3, White = true }, null,
                TestContext.Current.CancellationToken);
        string file = Path.Combine(root, "painted.svg");
        Assert.Equal([file], AnswerFiles.Write(answer.Vectors, null, file, TestContext.Current.CancellationToken));
        var drawing = XDocument.Load(file).Root!;
        Assert.Equal("0 0 20 20", drawing.Attribute("viewBox")!.Value);
        Assert.Equal(3, answer.Strokes.Items.Count);
        Assert.InRange(drawing.Elements().Count(element => element.Name.LocalName == "polygon"), 1, 3);
        Assert.Equal("#ffffff", drawing.Elements().First().Attribute("fill")!.Value);
        Assert.Equal([".png", ".svg", ".csv"], answer.Parts.Select(part => AnswerFiles.ExtensionOf(part.Part, null)));
    }

    [Fact]
    public void Stages_begin_empty_and_end_with_the_whole_painting()
    {
        float[][] strokes = [[0.3f, 0.3f, 0.4f, 0.4f, 0, 1, 0, 0, 1], [0.7f, 0.7f, 0.4f, 0.4f, 0, 0, 1, 0, 1]];
        var painting = new StrokePainting(Brush.Tape, strokes, 30, 20, Rgb.White);
        var stages = painting.Stages(4, 60, 40).ToList();
        Assert.Equal(5, stages.Count);
        Assert.All(stages[0].Pixels.ToArray(), value => Assert.Equal(255, value));
        Assert.Equal(painting.Render(60, 40).Pixels.ToArray(), stages[4].Pixels.ToArray());
        Assert.NotEqual(stages[2].Pixels.ToArray(), stages[4].Pixels.ToArray());
        Assert.Equal((60, 40), (stages[0].Width, stages[0].Height));
    }

    [Fact]
    public void The_same_strokes_fill_a_larger_canvas_and_a_clip_shows_them()
    {
        TestClips.Need();
        using var session = Open("rectangle");
        string clip = Path.Combine(root, "painting.gif");
        var settings = new PaintSettings { Strokes = 4, Steps = 4, CanvasSize = 48, Timelapse = clip, TimelapseSeconds = 0.5 };
        var answer = session.Ask(Photo(24, 16), settings, null, TestContext.Current.CancellationToken);
        Assert.Equal((48, 32), (answer.Picture.Picture.Width, answer.Picture.Picture.Height));
        Assert.InRange(global::Sconce.Video.VideoFrames.Count(clip, TestContext.Current.CancellationToken), 13, 37);
        Assert.Equal("timelapse", Assert.Throws<SettingsException>(() => session.Ask(Photo(24, 16), settings)).Setting);
    }

    [Fact]
    public void A_brush_of_ones_own_leaves_paint_where_its_picture_has_some()
    {
        var mark = new Image(8, 4, 4); // the left half is opaque
        for (int k = 3; k < mark.Pixels.Length; k += 4) mark.Pixels[k] = (byte)(k / 4 % 8 < 4 ? 255 : 0);
        float[] stroke = [0.5f, 0.5f, 0.8f, 0.8f, 0, 1, 1, 1, 1, 1, 1, 1];
        var engine = new StrokeEngine(40, 40, Rgb.Black) { Mark = new PictureMark(mark) };
        engine.Draw(Brush.Oil, stroke);
        var drawn = engine.ToImage();
        Assert.Equal((255, 0), (drawn.Row(20)[3 * 12], drawn.Row(20)[3 * 28]));

        string file = Path.Combine(root, "brush.png"), empty = Path.Combine(root, "empty.png");
        mark.Save(file);
        new Image(4, 4, 4).Save(empty);
        using var session = Open("oilpaintbrush");
        var settings = new PaintSettings { Strokes = 3, Steps = 3, BrushPicture = file };
        var own = session.Ask(Photo(20, 20), settings, null, TestContext.Current.CancellationToken);
        var usual = session.Ask(Photo(20, 20), settings with { BrushPicture = null }, null, TestContext.Current.CancellationToken);
        Assert.NotEqual(usual.Picture.Picture.Pixels.ToArray(), own.Picture.Picture.Pixels.ToArray());
        Assert.Contains("transparent everywhere", Refused(settings with { BrushPicture = empty }), StringComparison.Ordinal);
        Assert.Contains("it is for oil", Refused(settings with { Brush = PaintBrush.Tape }), StringComparison.Ordinal);

        string Refused(PaintSettings asked) => Assert.Throws<SettingsException>(() => session.Ask(Photo(8, 8), asked)).Message;
    }

    [Theory]
    [InlineData("oilpaintbrush", PaintBrush.Oil, 0.9)]
    [InlineData("rectangle", PaintBrush.Tape, 0.97)] // one colour a stroke
    public void Strokes_take_on_the_colours_of_another_picture_and_keep_their_shapes(string name, PaintBrush kind, double share)
    {
        // VGG with any weights sees how colours are spread.
        string vgg = Path.Combine(root, "vgg16.safetensors"), art = Path.Combine(root, "art.png");
        TorchRuntime.ManualSeed(4);
        using var scope = new TensorScope();
        using var comparison = VggComparison.OfStyle(texture: false);
        using (var whole = new Nn.Sequential { ["features"] = Nn.Backbones.VggLayers.Slice(16, 0..9) })
        {
            foreach (var (_, module) in whole.NamedModules())
            {
                if (module is Nn.Conv2d convolution) Nn.Init.KaimingNormal(convolution.Weight);
            }

            Weights.ModelWeights.Save(whole, vgg);
            using var noGrad = Gradients.Off();
            foreach (var (from, to) in whole.StateDict().Zip(comparison.StateDict())) to.Tensor.CopyInPlace(from.Tensor);
        }

        var red = new Image(32, 32);
        red.Fill(new PixelBox(0, 0, 32, 32), new Rgb(210, 30, 30));
        red.Save(art);
        using var session = Open(name);
        var settings = new PaintSettings { Strokes = 20, Passes = 2, Steps = 30, Brush = kind, Seed = 2 };
        var plain = session.Ask(Photo(40, 24), settings, null, TestContext.Current.CancellationToken);
        var asked = settings with { Style = art, Vgg = vgg, StyleSteps = 20 };
        var styled = session.Ask(Photo(40, 24), asked, null, TestContext.Current.CancellationToken);
        int shape = Brush.Named(name).ShapeWidth;
        Assert.Equal(plain.Strokes.Items.Select(row => row.Take(shape)), styled.Strokes.Items.Select(row => row.Take(shape)));
        Assert.True(Unlike(styled) < share * Unlike(plain), $"{Unlike(plain)} {Unlike(styled)}");
        var fault = Assert.Throws<SettingsException>(() => session.Ask(Photo(8, 8), settings with { Style = art }));
        Assert.Equal("vgg", fault.Setting);

        double Unlike(PaintAnswer answer)
        {
            using var off = Gradients.Off();
            Tensor painted = answer.Picture.Picture.ToTensor().Unsqueeze(0), liked = red.ToTensor().Unsqueeze(0);
            return comparison.Style(painted, liked).Item<double>();
        }
    }

    [Fact]
    public void A_trained_renderer_paints_with_its_own_brush()
    {
        string weights = Path.Combine(root, "renderer.safetensors");
        using (var network = new FusionRenderer(Brush.Marker, light: true)) Weights.ModelWeights.Save(network, weights);
        using var session = Open("markerpen_light", weights);
        var answer = session.Ask(Photo(16, 16), new PaintSettings { Strokes = 2, Steps = 2 }, null, TestContext.Current.CancellationToken);
        Assert.Equal(12, answer.Strokes.Columns.Count);
        Assert.Equal("radius2", answer.Strokes.Columns[7]);
    }

    [Fact]
    public void A_quick_claim_proves_nothing_and_the_rule_asks_every_seed()
    {
        var claim = new NeuralPaintingClaim();
        var quick = claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal((Verdict.Undecided, 3), (quick.Verdict, quick.Rows.Count));
        Assert.Equal(Verdict.Holds, Judged(claim, (0.02, 0.001), (0.02, 0.0039)));
        Assert.Equal(Verdict.DoesNotHold, Judged(claim, (0.02, 0.01), (0.02, 0.001)));
        Assert.Equal(Verdict.Undecided, Judged(claim, (0.02, 0.01), (0.02, 0.001), (0.02, 0.001)));
        Assert.Equal(Verdict.Undecided, Judged(claim, (0.02, 0.001)));
    }

    private static Verdict Judged(NeuralPaintingClaim claim, params (double Pixels, double Both)[] seeds) => claim.Together(
        [
            .. seeds.Select(seed => new SeedResult(
            [
                new("pixels", "squared error at the end", [seed.Pixels]), new("transport", "squared error at the end", [seed.Both]),
                new("pixels + 0.1 transport", "squared error at the end", [seed.Both]),
            ])),
        ],
        new ClaimOptions()).Verdict;

    private static PaintSession Open(string name, string? weights = null)
    {
        var system = new NeuralPaintingSystem();
        var variant = system.Variants.Single(variant => variant.Name == name);
        return new PaintSession(new CatalogueRequest(new AbilityTarget(name, system, variant), variant, weights));
    }

    private static float[] White(Brush brush, float[] shape) => [.. shape, .. Enumerable.Repeat(1f, brush.ColourWidth + 1)];

    /// <summary>Blue above, orange below, a white square.</summary>
    private static Image Photo(int width, int height)
    {
        var photo = new Image(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                byte[] colour = x > width / 2 && x < width * 3 / 4 && y > height / 3 && y < height * 2 / 3 ? [255, 255, 255]
                    : y < height / 2 ? [30, 80, 200] : [230, 140, 40];
                colour.CopyTo(photo.Row(y)[(3 * x)..]);
            }
        }

        return photo;
    }

    private static double Error(Image photo, PaintAnswer answer) =>
        photo.Pixels.ToArray().Zip(answer.Picture.Picture.Pixels.ToArray(), (one, other) => Math.Abs(one - other)).Average();
}
