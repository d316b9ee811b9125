using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>Poses and pictures as the network has them.</summary>
internal static class CharacterTensors
{
    private const int Channels = 3;
    private const double Radius = 0.05, Blur = 0.015, LeastRadius = 2.001, LeastBlur = 1.001;

    /// <summary>
    /// The maps of a pose's keypoints, a picture for each layer: <c>(layers · 3, side, side)</c> in [-1, 1]. On squares below 67 pixels,
    /// where the official shares of the side would round to nothing, dots have two pixels and are blurred by one.
    /// </summary>
    /// <param name="rig">The character.</param>
    /// <param name="layers">How many the network has.</param>
    /// <param name="points">In the order of the labels, on the square.</param>
    public static Tensor Maps(CharacterRig rig, int layers, IReadOnlyList<Keypoint> points)
    {
        int side = rig.Side;
        if (rig.Dot is { } deviation)
        {
            (double X, double Y)[] places = [.. points.Select(point => ((double)point.X, (double)point.Y))];
            var dotted = SoftDots.Maps(places, rig.Layers, layers, side, deviation);
            return Tensor.From(dotted, [layers * 3, side, side]);
        }

        var maps = new KeypointMaps(side, side, Math.Max(Radius, LeastRadius / side), Math.Max(Blur, LeastBlur / side));
        var dots = maps.Dots(points);
        List<(int From, int To)> skeleton = [.. rig.Skeleton.Select(edge => (edge.From, edge.To))];
        float[] values = [.. Enumerable.Range(0, layers).SelectMany(layer =>
            maps.Layer(dots, points, [.. Enumerable.Range(0, points.Count).Where(k => rig.Layers[k] == layer)], skeleton))];
        return Tensor.From(values, [layers * 3, side, side]);
    }

    /// <summary>A picture, and its mask where there is one: <c>(3 or 4, side, side)</c> in [-1, 1].</summary>
    public static Tensor Picture(CharacterPose pose)
    {
        using var scope = new TensorScope();
        var colours = pose.Picture.ToTensor();
        if (pose.Mask is { } mask) colours = Tensor.Cat([colours, Tensor.From(mask, [1, colours.Size(1), colours.Size(2)])], 0);
        return scope.Keep((colours * 2) - 1);
    }

    /// <summary>A batch of maps as the generator takes them, a tensor a layer.</summary>
    public static IReadOnlyList<Tensor> Layers(Tensor maps, int layers) =>
        [.. Enumerable.Range(0, layers).Select(layer => maps.Narrow(1, Channels * layer, Channels))];
}
