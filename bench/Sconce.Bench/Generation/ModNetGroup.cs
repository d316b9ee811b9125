using Sconce.Nn;
using Sconce.Systems.DensePrediction.ModNet;
using Sconce.Torch;

namespace Sconce.Bench.Generation;

/// <summary>MODNet on a picture of 512 pixels.</summary>
internal sealed class ModNetGroup : CompiledGroup
{
    private const int Side = 512;

    internal override string Name => "modnet";

    internal override string About => "MODNet at 512 px, compiled, against ONNX Runtime";

    protected override string Title => "MODNet at 512";

    protected override long[] InputShape => [3, Side, Side];

    protected override Module<Tensor, Tensor> Create() => new ModNet();
}
