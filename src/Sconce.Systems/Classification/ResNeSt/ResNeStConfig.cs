namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>One ResNeSt; the defaults are those of <c>resnest50</c>. zhanghang1989/ResNeSt@1dfb3e8
/// resnest/torch/models/resnet.py.</summary>
/// <param name="Layers">Blocks in each of the four stages.</param>
public sealed record ResNeStConfig(IReadOnlyList<int> Layers)
{
    /// <summary>R, splits of each 3x3 convolution; 0 for plain convolutions.</summary>
    public int Radix { get; init; } = 2;

    /// <summary>K, groups of each 3x3 convolution.</summary>
    public int Cardinality { get; init; } = 1;

    /// <summary>Channels a group at 64 planes.</summary>
    public int BottleneckWidth { get; init; } = 64;

    /// <summary>Three 3x3 convolutions at the beginning instead of one 7x7.</summary>
    public bool DeepStem { get; init; } = true;

    /// <summary>Channels of the deep stem's first two convolutions; the third has twice as many.</summary>
    public int StemWidth { get; init; } = 32;

    /// <summary>Shortcuts average before their 1x1 convolution instead of striding it.</summary>
    public bool AverageDown { get; init; } = true;

    /// <summary>Blocks average instead of striding their 3x3 convolution ("avd").</summary>
    public bool AverageInBlock { get; init; } = true;

    /// <summary>That averaging comes before the 3x3 convolution, which makes it cheaper: the "fast" networks.</summary>
    public bool AverageFirst { get; init; }

    /// <summary>1; 2 for a last stage dilated instead of strided; 4 for the last two (total strides 32, 16, 8).</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>The rate of dropout before the classifier (0.2 in training for 200 and 269 layers).</summary>
    public double Dropout { get; init; }

    /// <summary>The first rate of <see cref="ResNeSt.DropBlock"/> in the last two stages; null for none. The paper's training ends at
    /// 0.1.</summary>
    public double? DropBlock { get; init; }

    /// <summary>Whether each block's last norm begins at zero ("last_gamma").</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>Outputs of the classifier; 0 for features.</summary>
    public int Classes { get; init; } = 1000;
}
