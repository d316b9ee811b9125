using Sconce.Nn;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Torch;

namespace Sconce.Bench.Generation;

/// <summary>The official ImageNet autoencoder's decoder (f16): vectors of 16 x 16 codes to a picture of 256 pixels.</summary>
internal sealed class VqganGroup : CompiledGroup
{
    private const int Side = 16;

    internal override string Name => "vqgan";

    internal override string About => "VQGAN f16, decoding a picture of 256 px, compiled, against ONNX Runtime";

    protected override string Title => "VQGAN f16, decode at 256";

    protected override long[] InputShape => [new VqConfig().CodeWidth, Side, Side];

    protected override Module<Tensor, Tensor> Create()
    {
        var model = new VqModel(new VqConfig());
        return new Sequential(model.PostQuantConv, model.Decoder);
    }
}
