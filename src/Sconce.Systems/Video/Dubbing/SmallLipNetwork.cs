using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>
/// The claim's painter, of Wav2Lip's form in small: a masked frame and a reference <c>(N, 6, 32, 32)</c>, and speech <c>(N, 1, 16, 8)</c>,
/// to the frame <c>(N, 3, 32, 32)</c> in (0, 1).
/// </summary>
/// <param name="hears">Without, the code of the speech is zero.</param>
internal sealed partial class SmallLipNetwork(bool hears) : Module<Tensor, Tensor, Tensor>
{
    private readonly bool listens = hears;

    ModuleList<Sequential> Face { get; } = new(
        new Sequential(new LipConv(6, 8, 3, 1, 1), LipConv.Same(8)), // 32
        new Sequential(new LipConv(8, 16, 3, 2, 1), LipConv.Same(16)), // 16
        new Sequential(new LipConv(16, 32, 3, 2, 1), LipConv.Same(32)), // 8
        new Sequential(new LipConv(32, 64, 3, 2, 1), LipConv.Same(64))); // 4

    Sequential Speech { get; } = new(
        new LipConv(1, 16, 3, 2, 1), new LipConv(16, 32, 3, 2, 1), new LipConv(32, 64, 3, 2, 1), new AdaptiveAvgPool2d(1));

    ModuleList<Sequential> Up { get; } = new(
        new Sequential(new LipConv(128, 64, 3, 1, 1), new Upsample(2.0)),
        new Sequential(new LipConv(96, 32, 3, 1, 1), new Upsample(2.0)),
        new Sequential(new LipConv(48, 16, 3, 1, 1), new Upsample(2.0)));

    Sequential Output { get; } = new(new LipConv(24, 16, 3, 1, 1), new Conv2d(16, 3, 1), new Sigmoid());

    protected override Tensor Forward(Tensor speech, Tensor faces)
    {
        var maps = new List<Tensor>();
        var x = faces;
        foreach (var level in Face) maps.Add(x = level.Call(x));
        var code = Speech.Call(speech).Expand([-1, -1, x.Size(2), x.Size(3)]);
        if (!listens) code = code * 0;
        x = Tensor.Cat([x, code], 1);
        for (int k = 0; k < Up.Count; k++) x = Tensor.Cat([Up[k].Call(x), maps[^(k + 2)]], 1);
        return Output.Call(x);
    }
}
