using System.Text;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.GanTickets;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Generation;

/// <summary>Files that are given for a generator's and are none.</summary>
[Collection(LiveTensors.Name)]
public sealed class PlayerCheckpointTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-players-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void StyleGANs_own_pickle_is_refused_as_the_program_that_it_is()
    {
        // (dnnlib.tflib.network.Network(), …) as protocol 2 has it: an object with a state of source code.
        byte[] pickle =
        [
            0x80, 2, (byte)'c', .. Encoding.ASCII.GetBytes("dnnlib.tflib.network\nNetwork\n"), (byte)')', 0x81, (byte)'}',
            (byte)'X', 16, 0, 0, 0, .. Encoding.ASCII.GetBytes("build_module_src"), (byte)'X', 9, 0, 0, 0,
            .. Encoding.ASCII.GetBytes("import os"), (byte)'s', (byte)'b', 0x85, (byte)'.',
        ];
        string path = Path.Combine(root, "network-snapshot.pkl");
        File.WriteAllBytes(path, pickle);
        string message = Refused("stylegan2_64", path);
        Assert.Contains("dnnlib.tflib.network.Network", message, StringComparison.Ordinal);
        Assert.Contains("is a program", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stylegan2_64")]
    [InlineData("osgan_mnist")]
    [InlineData("sngan_cifar10")]
    public void A_discriminators_file_is_refused_by_its_last_layer(string generator)
    {
        string path = Path.Combine(root, "d.pth");
        Module judge = generator switch
        {
            "stylegan2_64" => new StyleGan2Discriminator(
                new StyleGanConfig(8) { Channels = new Dictionary<int, int> { [4] = 4, [8] = 4 } }),
            "osgan_mnist" => new DcGanDiscriminator(1, 2),
            _ => new SnganDiscriminator(2),
        };
        using (judge) ModelWeights.Save(judge, path);
        Assert.Contains("last layer of a discriminator", Refused(generator, path), StringComparison.Ordinal);
    }

    private static string Refused(string network, string path)
    {
        var variant = Models.Registry.Get(network);
        var fault = Assert.Throws<CheckpointException>(() => variant.CreateTrained<Module<Tensor, Tensor>>(path, new(ImageSize: null)));
        return fault.Message;
    }
}
