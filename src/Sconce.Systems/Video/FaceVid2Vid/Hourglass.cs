using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>The way down, each level kept.</summary>
internal sealed partial class HourglassEncoder(int width, int inputs, int levels, int most) : Module
{
    ModuleList<VolumeDownBlock> DownBlocks { get; } = new(Enumerable.Range(0, levels).Select(level => new VolumeDownBlock(
        level == 0 ? inputs : LevelWidth.Of(width, level, most), LevelWidth.Of(width, level + 1, most))));

    internal List<Tensor> Maps(Tensor x)
    {
        var maps = new List<Tensor> { x };
        foreach (var block in DownBlocks) maps.Add(block.Call(maps[^1]));
        return maps;
    }
}

/// <summary>The way up, joined at each level with what was kept.</summary>
internal sealed partial class HourglassDecoder : Module
{
    private Relu Relu { get; } = new();

    internal HourglassDecoder(int width, int inputs, int levels, int most)
    {
        UpBlocks = new ModuleList<VolumeUpBlock>(Enumerable.Range(1, levels).Select(k => levels - k).Select(level => new VolumeUpBlock(
            (level == levels - 1 ? 1 : 2) * LevelWidth.Of(width, level + 1, most), LevelWidth.Of(width, level, most))));
        int outputs = width + inputs;
        Conv = new Conv3d(outputs, outputs, 3, padding: 1);
        Norm = new BatchNorm3d(outputs);
    }

    ModuleList<VolumeUpBlock> UpBlocks { get; }

    Conv3d Conv { get; }

    BatchNorm3d Norm { get; }

    internal Tensor Decode(List<Tensor> maps)
    {
        var x = maps[^1];
        for (int k = 0; k < UpBlocks.Count; k++) x = Tensor.Cat([UpBlocks[k].Call(x), maps[^(k + 2)]], 1);
        return x.Through(Conv, Norm, Relu);
    }
}

/// <summary>A U-Net of volumes whose depth is never halved: <c>(N, inputs, D, H, W) -> (N, width + inputs, D, H, W)</c>.</summary>
internal sealed partial class Hourglass(int width, int inputs, int levels, int most) : Module<Tensor, Tensor>
{
    HourglassEncoder Encoder { get; } = new(width, inputs, levels, most);

    HourglassDecoder Decoder { get; } = new(width, inputs, levels, most);

    internal int Outputs => width + inputs;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Decoder.Decode(Encoder.Maps(x));
}
