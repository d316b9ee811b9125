using Sconce.Maths;
using Sconce.Nn.Backbones;
using Sconce.Nn.Detection;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>One Faster R-CNN with a feature pyramid; torchvision 0.14.1's <c>fasterrcnn_resnet50_fpn</c> where left out.</summary>
public sealed record FasterRcnnConfig
{
    /// <summary>The trunk without its classifier.</summary>
    public ResNetConfiguration Trunk { get; init; } = ResNetConfiguration.ResNet50;

    /// <summary>Whether batch norms are constants, as torchvision has it for pretrained trunks, rather than trained ones.</summary>
    public bool FrozenNorms { get; init; }

    /// <summary>Stages of the trunk that learn, counted from the last: 0 to 5, the stem being the fifth.</summary>
    public int TrainableStages { get; init; } = 3;

    /// <summary>Classes, the background being the first.</summary>
    public int Classes { get; init; } = 2;

    /// <summary>Channels of the pyramid.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>Width of the two layers that read a pooled region.</summary>
    public int HeadWidth { get; init; } = 1024;

    /// <summary>What pictures' shorter sides are brought to, in pixels.</summary>
    public int LeastSide { get; init; } = 800;

    /// <summary>What the longer sides may be at most.</summary>
    public int MostSide { get; init; } = 1333;

    /// <summary>Taken from red, green and blue in [0, 1].</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.485, 0.456, 0.406];

    /// <summary>What they are then divided by.</summary>
    public IReadOnlyList<double> Std { get; init; } = [0.229, 0.224, 0.225];

    /// <summary>One size a level, three shapes.</summary>
    public AnchorGrid Anchors { get; init; } = new([[32], [64], [128], [256], [512]], [0.5, 1, 2], AnchorOrder.RatiosFirst);

    /// <summary>What becomes a detection.</summary>
    public ClasswiseSelection Selection { get; init; } = new() { LeastSide = 1e-2 };

    /// <summary>How the second stage's deltas move proposals.</summary>
    public BoxCoder Coder { get; init; } = BoxCoder.Regions;
}
