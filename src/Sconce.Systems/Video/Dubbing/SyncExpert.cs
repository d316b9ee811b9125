using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>What speech and a mouth are as vectors of length 1, none of whose numbers is negative.</summary>
/// <param name="Speech"><c>(N, 512)</c></param>
/// <param name="Face"><c>(N, 512)</c></param>
public sealed record SyncVectors(Tensor Speech, Tensor Face) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Speech, Face];
}

/// <summary>
/// Says whether a mouth speaks what is heard: (speech <c>(N, 1, 80, 16)</c>, the lower halves of five frames <c>(N, 15, 48, 96)</c> in
/// [0, 1]). 2008.10010 §3.1; Rudrabha/Wav2Lip@5c90fa9 models/syncnet.py.
/// </summary>
/// <param name="narrowing">By what channels are divided: 1 as published; 2, 4, 8 for small networks.</param>
public sealed partial class SyncExpert(int narrowing = 1) : Module<Tensor, Tensor, SyncVectors>
{
    /// <summary>Frames seen at once.</summary>
    public const int Frames = 5;

    Sequential FaceEncoder { get; } = new(
    [
        .. LipConv.Level(3 * Frames, 32 / narrowing, 7, 1, 3, same: 0),
        .. LipConv.Level(32 / narrowing, 64 / narrowing, 5, (1, 2), 1, same: 2), // padded by one, and so two rows shorter
        .. LipConv.Level(64 / narrowing, 128 / narrowing, 3, 2, 1, same: 3),
        .. LipConv.Level(128 / narrowing, 256 / narrowing, 3, 2, 1, same: 2),
        .. LipConv.Level(256 / narrowing, 512 / narrowing, 3, 2, 1, same: 2),
        .. LipConv.Level(512 / narrowing, 512 / narrowing, 3, 2, 1, same: 0),
        .. LipConv.Level(512 / narrowing, 512 / narrowing, 3, 1, 0, same: 0),
        .. LipConv.Level(512 / narrowing, 512 / narrowing, 1, 1, 0, same: 0),
    ]);

    Sequential AudioEncoder { get; } = SpeechEncoder.Of(last: 2, narrowing);

    /// <inheritdoc/>
    protected override SyncVectors Forward(Tensor speech, Tensor faces) =>
        new(Unit(AudioEncoder.Call(speech)), Unit(FaceEncoder.Call(faces)));

    /// <summary>The lower halves of frames, beside each other in the channels: <c>(N, 3, T, H, W) -> (N, 3·T, H/2, W)</c>.</summary>
    public static Tensor LowerHalves(Tensor frames)
    {
        using var scope = new TensorScope();
        long half = frames.Size(3) / 2;
        return scope.Keep(frames.Narrow(3, half, frames.Size(3) - half).Transpose(1, 2).Flatten(1, 2));
    }

    private static Tensor Unit(Tensor map) => Functional.Normalize(map.Flatten(1), 1);
}

/// <summary>
/// Says of each frame whether its lower half is a real one: <c>(N, 3, T, 96, 96) -> (T·N, 1)</c> in (0, 1). Rudrabha/Wav2Lip@5c90fa9
/// models/wav2lip.py <c>Wav2Lip_disc_qual</c>.
/// </summary>
public sealed partial class FaceQuality : Module<Tensor, Tensor>
{
    [Key("face_encoder_blocks")]
    ModuleList<Sequential> FaceEncoder { get; } = new(
        new Sequential(new JudgingConv(3, 32, 7, 1, 3)),
        Pair(32, 64, 5, (1, 2), 2),
        Pair(64, 128, 5, 2, 2),
        Pair(128, 256, 5, 2, 2),
        Pair(256, 512, 3, 2, 1),
        Pair(512, 512, 3, 2, 1),
        new Sequential(new JudgingConv(512, 512, 3, 1, 0), new JudgingConv(512, 512, 1, 1, 0)));

    Sequential BinaryPred { get; } = new(new Conv2d(512, 1, 1), new Sigmoid());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor frames)
    {
        long half = frames.Size(3) / 2;
        var x = frames.Permute([2, 0, 1, 3, 4]).Flatten(0, 1);
        x = x.Narrow(2, half, x.Size(2) - half);
        foreach (var level in FaceEncoder) x = level.Call(x);
        return BinaryPred.Call(x).Flatten(1);
    }

    private static Sequential Pair(int inputs, int outputs, int kernel, Extent2 stride, int padding) =>
        new(new JudgingConv(inputs, outputs, kernel, stride, padding), new JudgingConv(outputs, outputs, kernel, 1, padding));
}
