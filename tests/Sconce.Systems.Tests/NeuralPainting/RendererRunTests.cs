using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Systems.Generation.NeuralPainting;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.NeuralPainting;

/// <summary>Renderers that learn from the engine's own strokes, as <c>sconce train</c> has them.</summary>
[Collection(LiveTensors.Name)]
public sealed class RendererRunTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems = [new NeuralPaintingSystem()];
    private readonly string root = Directory.CreateTempSubdirectory("sconce-renderer-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_renderer_learns_goes_on_bit_for_bit_and_paints()
    {
        var result = ResumedRuns.GoOnAlike(root, () => Open(Asked()), after: 3);
        Assert.True(double.IsFinite(result.Best!.Figures["psnr"]));
        using var opened = Open(Asked());
        var trained = new TrainedNetwork(
            new CatalogueModels(Systems).Get("rectangle_light"), Path.Combine(root, "whole", "best.ckpt"), null, null)
        {
            Configuration = opened.Configuration,
            Device = Device.Cpu,
        };
        var report = Systems[0].Methods[0].Evaluate(trained, null, 1, null, default);
        Assert.Equal(result.Best.Figures["psnr"], report.Figures["psnr"], 1e-3);
        using var session = trained.Target(Systems[0], Systems[0].Methods[0]).Open<PaintSession>(Verb.Paint);
        var painted = session.Ask(new Image(24, 20), new() { Strokes = 4, Passes = 1, Steps = 4 });
        Assert.Equal((24, 20), (painted.Picture.Picture.Width, painted.Picture.Picture.Height));
    }

    [Theory]
    [InlineData("rectangle", 0.5f)]
    [InlineData("oilpaintbrush", 1f)]
    public void Paint_and_cover_are_drawn_apart_the_cover_alone_by_its_opacity(string brush, float cover)
    {
        using var scope = new TensorScope();
        var kind = Brush.Named(brush);
        float[] stroke = [.. Enumerable.Repeat(0.5f, kind.Width)];
        (stroke[2], stroke[3]) = (0.9f, 0.9f);
        stroke[kind.ShapeWidth] = 1;
        var drawn = StrokeExamples.Draw(kind, Tensor.From(stroke, [1, kind.Width]), 32);
        Assert.Equal(cover, drawn.Alpha.Max().Item<float>(), 0.01);
        Assert.True(drawn.Foreground.Max().Item<float>() > 0.6f);
        Assert.Equal(0, (drawn.Alpha[.., 0] - drawn.Alpha[.., 2]).Abs().Max().Item<float>());
    }

    [Fact]
    public void Data_are_refused_since_the_engine_draws_them()
    {
        var asked = Asked();
        var fault = Assert.Throws<SettingsException>(() => Open(asked.With(asked.Run with { Data = root })));
        Assert.Equal("data", fault.Setting);
    }

    private static TrainingRun Open(RunConfiguration asked) => Systems[0].Methods[0].Open(
        new TrainingSetup(asked, new CatalogueModels(Systems), new CatalogueMethods(Systems)) { Device = Device.Cpu });

    private static RunConfiguration Asked()
    {
        var start = Systems[0].Methods[0].Start("rectangle_light");
        start = start.With(start.Run with { Epochs = 2, Batch = 4, Threads = TorchRuntime.Threads });
        return start with { Settings = start.Of<RendererSettings>() with { Strokes = 8, Judged = 8 } };
    }
}
