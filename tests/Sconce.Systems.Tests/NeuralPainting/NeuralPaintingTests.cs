using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Generation.NeuralPainting;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.NeuralPainting;

[Collection(LiveTensors.Name)]
public sealed class NeuralPaintingTests
{
    private static readonly NeuralPaintingSystem Painting = new();

    public static TheoryData<string> Names => [.. Painting.Variants.Select(variant => variant.Name)];

    public static TheoryData<string> Brushes => [.. Brush.All.Select(brush => brush.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_renderer_has_the_papers_number_of_parameters(string name)
    {
        using var skipped = Init.Skipped();
        var variant = Painting.Variants.Single(variant => variant.Name == name);
        using var network = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
    }

    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var whole = new FusionRenderer(Brush.Oil);
        using var light = new FusionRenderer(Brush.Marker, light: true);
        using var shading = new ShadingRenderer(Brush.Watercolor);
        using var rasterisation = new RasterisationRenderer(Brush.Marker);
        using var unet = new UNetRenderer(Brush.Tape);
        using var vgg = VggComparison.OfStyle();
        Assert.Equal(0x80fab86efcf74d5a, StateHash.Of(whole));
        Assert.Equal(0x9fc0179414bb59a5, StateHash.Of(light));
        Assert.Equal(0xe3720309ff05eda9, StateHash.Of(shading));
        Assert.Equal(0x2030d4b2ad331f3au, StateHash.Of(rasterisation));
        Assert.Equal(0x96403fddb092c04f, StateHash.Of(unet));
        Assert.Equal(0x51c434cec5709c1fu, StateHash.Of(vgg));
    }

    [Theory]
    [MemberData(nameof(Brushes))]
    public void Colours_leave_the_cover_alone_and_the_mask_sees_the_shape_alone(string name)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var brush = Brush.Named(name);
        using var network = new FusionRenderer(brush, light: true);
        network.Eval();
        Tensor stroke = Tensor.Rand([1, brush.Width]), other = stroke.Clone();
        other[.., brush.ShapeWidth..^1] = Tensor.Rand([1, brush.ColourWidth]);
        StrokeImages first = network.Call(stroke), second = network.Call(other);
        Assert.Equal([1, 3, 32, 32], first.Foreground.Shape.ToArray());
        Assert.True(first.Alpha.Equal(second.Alpha));
        Assert.False(first.Foreground.Equal(second.Foreground));
    }

    [Fact]
    public void An_opaque_brush_covers_whatever_its_last_number_says()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        foreach (var brush in Brush.All)
        {
            using var network = new FusionRenderer(brush, light: true);
            network.Eval();
            Tensor stroke = Tensor.Rand([1, brush.Width]), thin = stroke.Clone();
            thin.FillInPlace(0, .., ^1);
            Assert.Equal(brush.Opaque, network.Call(thin).Alpha.Equal(network.Call(stroke).Alpha));
        }
    }

    [Fact]
    public void Strokes_of_another_brush_are_refused()
    {
        using var scope = new TensorScope();
        using var network = new FusionRenderer(Brush.Tape, light: true);
        Assert.Contains("(N, 9)", Assert.Throws<TorchException>(() => network.Call(Tensor.Rand([2, 12]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("watercolor", Assert.Throws<ArgumentException>(() => Brush.Named("crayon")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transport_pulls_paint_that_does_not_touch_its_target_and_pixels_do_not()
    {
        using var scope = new TensorScope();
        Tensor place = Tensor.From([0.7f]), target = Dot(Tensor.From([0.3f]));
        place.RequiresGrad = true;
        double carried = Gradients.Of([new Sinkhorn().Loss(Dot(place), target, 0)], [place])[0].Item<double>();
        double compared = Gradients.Of([PaintingLosses.Pixels(Dot(place), target)], [place])[0].Item<double>();
        Assert.True(carried > 1e-3, $"{carried}"); // moving right costs more
        Assert.InRange(Math.Abs(compared), 0, carried / 10);
    }

    [Fact]
    public void A_picture_costs_nothing_against_itself_once_normalised()
    {
        using var scope = new TensorScope();
        var picture = Tensor.Rand([2, 3, 9, 9]);
        var loss = new Sinkhorn { Normalized = true };
        Assert.Equal(0, loss.Loss(picture, picture, 2).Item<double>(), 1e-6);
        Assert.True(loss.Loss(picture, Tensor.Rand([2, 3, 9, 9]), 2).Item<double>() > 1e-5);
        Assert.Throws<TorchException>(() => loss.Loss(picture, Tensor.Rand([2, 3, 9, 8]), 0));
    }

    [Fact]
    public void Dilation_and_erosion_are_mirror_images_and_do_not_see_beyond_the_edge()
    {
        using var scope = new TensorScope();
        var map = Tensor.Rand([1, 1, 5, 6]);
        Assert.True(Compositing.Dilate(map).Allclose(1 - Compositing.Erode(1 - map), atol: 1e-6));
        Assert.True(Compositing.Erode(Tensor.Ones([1, 1, 3, 3])).Equal(Tensor.Ones([1, 1, 3, 3])));
        Assert.True(Compositing.Dilate(map, 0).Equal(map));
    }

    [Fact]
    public void A_later_stroke_lies_over_an_earlier_one()
    {
        using var scope = new TensorScope();
        var paint = Tensor.Stack([Tensor.Full([3, 4, 4], 0.2, DType.Float32), Tensor.Full([3, 4, 4], 0.9, DType.Float32)]).Unsqueeze(0);
        var painted = Compositing.Paint(paint, Tensor.Ones([1, 2, 3, 4, 4]), Tensor.Zeros([1, 3, 4, 4]));
        Assert.True(painted.Allclose(Tensor.Full([1, 3, 4, 4], 0.9, DType.Float32)));
        var untouched = Compositing.Paint(paint, Tensor.Zeros([1, 2, 3, 4, 4]), Tensor.Full([1, 3, 4, 4], 0.4, DType.Float32));
        Assert.True(untouched.Allclose(Tensor.Full([1, 3, 4, 4], 0.4, DType.Float32)));
    }

    [Theory]
    [MemberData(nameof(Brushes))]
    public void A_patch_of_a_grid_lands_in_its_cell_and_a_grid_of_one_changes_nothing(string name)
    {
        using var scope = new TensorScope();
        var brush = Brush.Named(name);
        var strokes = Tensor.Rand([9, 4, brush.Width]);
        Assert.True(StrokeCoordinates.OnCanvas(strokes[..1], brush, 1).Allclose(strokes[..1]));
        var moved = StrokeCoordinates.OnCanvas(strokes, brush, 3);
        var middle = moved[5]; // second row, third column
        Assert.True(((middle[.., 0] >= 2.0 / 3) & (middle[.., 0] <= 1)).All().Item<bool>());
        Assert.True(((middle[.., 1] >= 1.0 / 3) & (middle[.., 1] <= 2.0 / 3)).All().Item<bool>());
        Assert.Throws<TorchException>(() => StrokeCoordinates.OnCanvas(strokes, brush, 2));
    }

    [Fact]
    public void A_brush_is_centred_on_its_stroke_and_stretched_to_its_size()
    {
        var map = StrokeGeometry.Place([0.5f, 0.25f, 0.5f, 0.25f, 0], 101, 20, 10);
        Assert.Equal(50, (map.A * 10) + (map.B * 5) + map.C, 1e-9);
        Assert.Equal(25, (map.D * 10) + (map.E * 5) + map.F, 1e-9);
        Assert.Equal(51, map.A * 20, 1e-9);
        var tip = new StrokeCurve([0, 0.5f, 0.5f, 0.5f, 1, 0.5f, 0.1f, 0.9f], 101).Tip(50);
        Assert.All(tip, corner => Assert.Equal(3, Math.Abs(corner.Y - 50), 1e-9)); // along the row: the square is not turned
    }

    [Fact]
    public void Style_does_not_ask_where_things_are_and_content_does()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using VggComparison style = VggComparison.OfStyle(texture: false, resize: false), content = VggComparison.OfContent(resize: false);
        Tensor picture = Tensor.Rand([1, 3, 32, 32]), turned = picture.Roll([16], [3]);
        Assert.Equal(0, style.Style(picture, picture).Item<double>());
        Assert.True(content.Content(picture, turned).Item<double>() > 0);
        Assert.Equal(2, style.Children().Single().Module.Children().Count());
        Assert.Throws<TorchException>(() => content.Content(Tensor.Rand([1, 2, 8, 8]), Tensor.Rand([1, 2, 8, 8])));
    }

    /// <summary>A soft dot in the middle row of 24 x 24 pixels, its column given.</summary>
    private static Tensor Dot(Tensor column)
    {
        var places = Tensor.Arange(24, dtype: DType.Float32) / 24;
        Tensor across = (-(places - column).Square() * 400).Exp().Reshape([1, -1]);
        Tensor down = (-(places - 0.5).Square() * 400).Exp().Reshape([-1, 1]);
        return (across * down).Expand([1, 3, 24, 24]);
    }
}
