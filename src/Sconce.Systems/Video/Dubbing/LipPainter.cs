using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>
/// Wav2Lip's painter: the lower half of a face, as speech moves it. 2008.10010 §3.2; Rudrabha/Wav2Lip@5c90fa9 models/wav2lip.py.
/// </summary>
/// <param name="narrowing">By what channels are divided: 1 as published; 2, 4, 8 for small networks.</param>
public sealed partial class LipPainter(int narrowing = 1) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>The side of the faces.</summary>
    public const int Side = 96;

    [Key("face_encoder_blocks")]
    ModuleList<Sequential> FaceEncoder { get; } = new(
        new Sequential(LipConv.Level(6, 16 / narrowing, 7, 1, 3, same: 0)), // 96
        new Sequential(LipConv.Level(16 / narrowing, 32 / narrowing, 3, 2, 1, same: 2)), // 48
        new Sequential(LipConv.Level(32 / narrowing, 64 / narrowing, 3, 2, 1, same: 3)), // 24
        new Sequential(LipConv.Level(64 / narrowing, 128 / narrowing, 3, 2, 1, same: 2)), // 12
        new Sequential(LipConv.Level(128 / narrowing, 256 / narrowing, 3, 2, 1, same: 2)), // 6
        new Sequential(LipConv.Level(256 / narrowing, 512 / narrowing, 3, 2, 1, same: 1)), // 3
        new Sequential(
        [
            .. LipConv.Level(512 / narrowing, 512 / narrowing, 3, 1, 0, same: 0),
            .. LipConv.Level(512 / narrowing, 512 / narrowing, 1, 1, 0, same: 0),
        ])); // 1

    Sequential AudioEncoder { get; } = SpeechEncoder.Of(last: 1, narrowing);

    [Key("face_decoder_blocks")]
    ModuleList<Sequential> FaceDecoder { get; } = new(
        new Sequential(LipConv.Level(512 / narrowing, 512 / narrowing, 1, 1, 0, same: 0)),
        Up(1024 / narrowing, 512 / narrowing, 1, 0, 0, same: 1),
        Up(1024 / narrowing, 512 / narrowing, 2, 1, 1, same: 2),
        Up(768 / narrowing, 384 / narrowing, 2, 1, 1, same: 2),
        Up(512 / narrowing, 256 / narrowing, 2, 1, 1, same: 2),
        Up(320 / narrowing, 128 / narrowing, 2, 1, 1, same: 2),
        Up(160 / narrowing, 64 / narrowing, 2, 1, 1, same: 2));

    Sequential OutputBlock { get; } = new(new LipConv(80 / narrowing, 32 / narrowing, 3, 1, 1), new Conv2d(32 / narrowing, 3, 1),
        new Sigmoid());

    /// <summary>
    /// Faces of one moment, or of several: (speech <c>(N, 1, 80, 16)</c>, faces <c>(N, 6, 96, 96)</c> in [0, 1], whose first three channels
    /// have an empty lower half and whose others show the person otherwise) <c>-> (N, 3, 96, 96)</c> in (0, 1); with a time each,
    /// <c>(N, T, 1, 80, 16), (N, 6, T, 96, 96) -> (N, 3, T, 96, 96)</c>.
    /// </summary>
    protected override Tensor Forward(Tensor speech, Tensor faces)
    {
        if (faces.Dimensions == 4) return Paint(speech, faces);
        long count = faces.Size(0), times = faces.Size(2);
        var painted = Paint(speech.Transpose(0, 1).Flatten(0, 1), faces.Permute([2, 0, 1, 3, 4]).Flatten(0, 1));
        return painted.Reshape([times, count, 3, faces.Size(3), faces.Size(4)]).Permute([1, 2, 0, 3, 4]);
    }

    private Tensor Paint(Tensor speech, Tensor faces)
    {
        var seen = new List<Tensor>();
        var x = faces;
        foreach (var level in FaceEncoder) seen.Add(x = level.Call(x));
        x = AudioEncoder.Call(speech);
        for (int k = 0; k < FaceDecoder.Count; k++) x = Tensor.Cat([FaceDecoder[k].Call(x), seen[^(k + 1)]], 1);
        return OutputBlock.Call(x);
    }

    private static Sequential Up(int inputs, int outputs, int stride, int padding, int outputPadding, int same) => new(
    [
        new LipDeconv(inputs, outputs, stride, padding, outputPadding),
        .. Enumerable.Range(0, same).Select(_ => LipConv.Same(outputs)),
    ]);
}
