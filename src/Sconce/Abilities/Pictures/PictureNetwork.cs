using Sconce.Compilation;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>A network over prepared pictures, plain or compiled, that answers a row a picture.</summary>
internal sealed class PictureNetwork : IDisposable
{
    private readonly Module<Tensor, Tensor> network;
    private readonly CompiledModule? compiled;
    private readonly ImagePreprocessing preprocessing;
    private readonly Device device;

    public PictureNetwork(OpenRequest request, ImagePreprocessing official, Module<Tensor, Tensor> network)
    {
        this.network = network;
        (preprocessing, device) = (official.At(request.Size), request.Device);
        if (!request.Compiles || device.Type != DeviceType.Cpu) return;
        try
        {
            using var scope = new TensorScope();
            compiled = network.Compile(Tensor.Zeros([1, 3, preprocessing.Size, preprocessing.Size]), anyBatch: true);
        }
        catch (TorchException)
        {
            // A network that cannot be had compiled for any batch is asked as it is: slower, and as right.
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>One answer a picture, made of its row of the output.</summary>
    public IReadOnlyList<T> Ask<T>(IReadOnlyList<Picture> pictures, Func<Tensor, T> answer, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var batch = preprocessing.Apply([.. pictures.Select(picture => picture.Image)], cancellation).To(device);
        var rows = (compiled is null ? network.Call(batch) : compiled.Call(batch)).Float();
        return [.. Enumerable.Range(0, pictures.Count).Select(k => answer(rows[k]))];
    }

    public void Dispose()
    {
        compiled?.Dispose();
        network.Dispose();
    }
}
