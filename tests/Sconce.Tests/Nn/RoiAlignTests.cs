using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Sconce.Nn;
using Sconce.Parity;
using Sconce.Tests.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

[Collection(LiveTensors.Name)]
public sealed class RoiAlignTests
{
    private static readonly JsonElement Expected = Figures.Read("roi_align.json");

    public static TheoryData<string> Names => [.. Expected.GetProperty("cases").EnumerateObject().Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Regions_and_the_maps_gradient_are_torchvisions(string name)
    {
        using var scope = new TensorScope();
        var expected = Expected.GetProperty("cases").GetProperty(name);
        var dtype = name.EndsWith("64", StringComparison.Ordinal) ? DType.Float64 : DType.Float32;
        float[] flat = [.. Expected.GetProperty("boxes").EnumerateArray().SelectMany(row => row.EnumerateArray())
            .Select(number => number.GetSingle())];
        var boxes = Tensor.From(flat, [flat.Length / 5, 5]).To(dtype);
        var maps = Formula.Floats("in.maps", [2, 3, 7, 9]).To(dtype);
        maps.RequiresGrad = true;
        var pooled = RoiAlign.Pool(maps, boxes, expected.GetProperty("height").GetInt32(), expected.GetProperty("width").GetInt32(),
            expected.GetProperty("scale").GetDouble(), expected.GetProperty("ratio").GetInt32(),
            expected.GetProperty("aligned").GetBoolean());
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), pooled.Shape.ToArray());
        Figures.AssertSample(expected.GetProperty("out"), pooled.Detach().To(DType.Float64), name);
        (pooled * Formula.Floats("grad.out", pooled.Shape).To(dtype)).Sum().Backward();
        Figures.AssertSample(expected.GetProperty("grad"), maps.Grad!.To(DType.Float64), $"gradient of {name}");
    }

    [Fact]
    public void A_constant_map_gives_its_constant_wherever_a_box_lies_inside()
    {
        using var scope = new TensorScope();
        var maps = Tensor.Full([1, 1, 12, 12], 3.5);
        var corners = Gen.Choose(0, 700).Select(k => k / 100f);
        var boxes = from x in corners
                    from y in corners
                    from w in Gen.Choose(1, 400)
                    from h in Gen.Choose(1, 400)
                    select new[]
            { 0, x, y, x + w / 100f, y + h / 100f };
        Prop.ForAll(Arb.From(boxes), box =>
        {
            using var inner = new TensorScope();
            return RoiAlign.Pool(maps, Tensor.From(box, [1, 5]), 2, 3).Allclose(Tensor.Full([1, 1, 2, 3], 3.5), atol: 1e-5);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Half_a_cell_lies_between_aligned_and_not()
    {
        using var scope = new TensorScope();
        var maps = Tensor.Randn([1, 2, 9, 9]);
        var aligned = RoiAlign.Pool(maps, Tensor.From([0f, 2, 3, 6, 7], [1, 5]), 2, 2, aligned: true);
        Assert.True(aligned.Allclose(RoiAlign.Pool(maps, Tensor.From([0f, 1.5f, 2.5f, 5.5f, 6.5f], [1, 5]), 2, 2), atol: 1e-5));
    }

    [Fact]
    public void No_boxes_give_no_regions()
    {
        using var scope = new TensorScope();
        Assert.Equal([0, 3, 2, 4], RoiAlign.Pool(Tensor.Ones([2, 3, 5, 5]), Tensor.Zeros([0, 5]), 2, 4).Shape.ToArray());
    }

    [Fact]
    public void Bad_boxes_are_refused_with_what_is_wrong()
    {
        using var scope = new TensorScope();
        var maps = Tensor.Ones([2, 3, 5, 5]);
        Assert.Contains("[1, 4]", Assert.Throws<ArgumentException>(() => RoiAlign.Pool(maps, Tensor.Ones([1, 4]), 2, 2)).Message,
            StringComparison.Ordinal);
        Assert.Contains("0 to 1", Assert.Throws<ArgumentException>(() => RoiAlign.Pool(maps, Tensor.From([2f, 0, 0, 1, 1], [1, 5]), 2, 2))
            .Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RoiAlign.Pool(maps, Tensor.From([-1f, 0, 0, 1, 1], [1, 5]), 2, 2));
        Assert.Throws<ArgumentException>(() => RoiAlign.Pool(maps, Tensor.From([float.NaN, 0, 0, 1, 1], [1, 5]), 2, 2));
        Assert.Throws<ArgumentException>(() => RoiAlign.Pool(maps, Tensor.From([0f, 0, float.NaN, 1, 1], [1, 5]), 2, 2));
        Assert.Throws<ArgumentException>(() => RoiAlign.Pool(maps, Tensor.From([0f, 0, 0, 1e9f, 1], [1, 5]), 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => RoiAlign.Pool(maps, Tensor.Zeros([1, 5]), 0, 2));
    }
}
