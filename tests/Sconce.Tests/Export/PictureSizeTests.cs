using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Tests.Weights;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Export;

/// <summary>For which sizes of pictures networks are exported.</summary>
public class PictureSizeTests
{
    private static readonly ModelVariant Convolution =
        new("conv", "", _ => new Conv2d(3, 4, 3)) { Capabilities = [TensorInput.Pictures(8)] };

    [Theory]
    [InlineData("480x640", 480, 640)]
    [InlineData("480X640", 480, 640)]
    [InlineData("224", 224, 224)]
    public void A_size_is_height_and_width_or_a_side(string text, int height, int width)
    {
        Assert.True(PictureSize.TryParse(text, out var size));
        Assert.Equal(new PictureSize(height, width), size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("480x")]
    [InlineData("0x640")]
    [InlineData("480x640x3")]
    [InlineData("-5")]
    [InlineData("65537")]
    public void What_is_no_size_is_none(string text) => Assert.False(PictureSize.TryParse(text, out _));

    [Fact]
    public void A_network_of_any_size_is_exported_for_the_one_that_is_asked()
    {
        using var folder = new TemporaryFolder();
        using var network = (Conv2d)Convolution.Create(ModelOptions.Official);
        var function = Assert.Single(Convolution.Exports(network, new PictureSize(10, 14)));
        Assert.Equal([3, 10, 14], function.Inputs[0].Shape);
        string file = Path.Combine(folder.Path, "conv.pt");
        TorchScriptExport.Write(network, function, file);
        using var scope = new TensorScope();
        using var loaded = ScriptModule.Load(file);
        var x = Tensor.Randn([2, 3, 10, 14]);
        Assert.Equal(0, (loaded.Run(x)[0] - network.Call(x)).Abs().Max().Item<double>(), 1e-6);
        Assert.Equal([3, 8, 8], Assert.Single(Convolution.Exports(network)).Inputs[0].Shape);
    }

    [Fact]
    public void A_size_that_a_network_cannot_take_names_its_own()
    {
        using var network = (Conv2d)Convolution.Create(ModelOptions.Official);
        var error = Assert.Throws<ExportException>(() => Convolution.Exports(network, new PictureSize(2, 14)));
        Assert.Contains("conv takes no pictures of 2x14", error.Message);
        Assert.Contains("its own size is 8x8", error.Message);
        using var linear = new Linear(8, 2);
        var line = new ModelVariant("line", "", _ => linear) { Capabilities = [new TensorInput(8)] };
        Assert.Contains("it takes none", Assert.Throws<ExportException>(() => line.Exports(linear, new PictureSize(4, 4))).Message);
    }

    [Fact]
    public void Functions_of_one_size_refuse_another()
    {
        using var network = (Conv2d)Convolution.Create(ModelOptions.Official);
        var exportable = new Exportable(module => [ExportFunction.Of((Module<Tensor, Tensor>)module, [3, 8, 8])]);
        var fixedSize = Convolution.With(exportable);
        Assert.Single(fixedSize.Exports(network, new PictureSize(8, 8)));
        Assert.Contains("its own size alone",
            Assert.Throws<ExportException>(() => fixedSize.Exports(network, new PictureSize(9, 9))).Message);
        Assert.Contains("square ones", Assert.Throws<ExportException>(() => fixedSize.Exports(network, new PictureSize(8, 9))).Message);
        var anySize = fixedSize.With(exportable with
        {
            FunctionsAt = (module, size) => [ExportFunction.Of((Module<Tensor, Tensor>)module, [3, size.Height, size.Width])],
        });
        Assert.Equal([3, 8, 9], Assert.Single(anySize.Exports(network, new PictureSize(8, 9))).Inputs[0].Shape);
    }
}
