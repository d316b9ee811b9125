using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>Draws a character. Several threads may ask it.</summary>
public sealed class CharacterAnimateSession : Session<Nothing, CharacterAnimation, CharacterAnimateSettings>
{
    private const int OfficialSide = 256;
    private readonly CharacterDrawer drawer;
    private readonly CharacterGenerator network;
    private readonly CharacterRig? learned;
    private readonly Device device;
    private readonly int? side;

    /// <summary>Loads the network, and what its run says of the character.</summary>
    /// <exception cref="DataException">The run's description of the character is damaged.</exception>
    public CharacterAnimateSession(OpenRequest request)
    {
        (drawer, device, side) = (request.Get<CharacterDrawer>(), request.Device, request.Size);
        learned = CharacterRig.Of(request.Weights);
        network = request.Network<CharacterGenerator>();
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<CharacterAnimation> Answer(
        IReadOnlyList<Nothing> inputs, CharacterAnimateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (settings.Mask && !drawer.HasMask)
        {
            throw new SettingsException(
                "mask", called => $"{called}: this character was learned without its mask: train charactergan_mask or its small form");
        }

        string table = settings.Keypoints!;
        var poses = PoseFile.Poses(table);
        var rig = learned ?? Described(table, poses[0]);
        var points = Placed(rig, poses, table);
        var walk = Between(points, settings.Between).ToList();
        return [.. inputs.Select(_ => new CharacterAnimation(settings.Frames
            ? new MadePictures(Frames()) { Count = walk.Count }
            : new MadeClip(Frames(), settings.Fps, IsClear: settings.Mask)))];

        IEnumerable<Image> Frames()
        {
            foreach (var (k, pose) in walk.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("drawing", k, walk.Count));
                yield return Draw(rig, pose, settings);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    /// <summary>Of published weights nobody says the character: its tables lie beside the keypoints.</summary>
    private CharacterRig Described(string table, NamedPose first)
    {
        string[] labels = [.. first.Points.Keys.Order(StringComparer.Ordinal)];
        int square = side ?? OfficialSide;
        var layers = PoseFile.Layers(CharacterFolder.Named(table, "layers"), labels, drawer.Layers);
        return new CharacterRig(
            labels, layers, PoseFile.Skeleton(CharacterFolder.Named(table, "skeleton"), labels), square, square, square);
    }

    private static List<IReadOnlyList<PosePoint>> Placed(CharacterRig rig, IReadOnlyList<NamedPose> poses, string table)
    {
        var placed = poses.Select(pose => PoseFile.Complete(pose, rig.Labels, table)).ToList();
        foreach (var (pose, points) in poses.Zip(placed))
        {
            foreach (var (label, point) in rig.Labels.Zip(points))
            {
                if (point.X >= 0 && point.Y >= 0 && point.X < rig.Width && point.Y < rig.Height) continue;
                throw new DataException(
                    table,
                    FormattableString.Invariant($"'{label}' of {pose.Name} is at {point.X}, {point.Y}, outside the character's pictures, ")
                        + $"which have {rig.Width} x {rig.Height} pixels");
            }
        }

        return placed;
    }

    private static IEnumerable<IReadOnlyList<PosePoint>> Between(List<IReadOnlyList<PosePoint>> poses, int between)
    {
        for (int k = 0; k < poses.Count; k++)
        {
            yield return poses[k];
            for (int j = 1; k + 1 < poses.Count && j <= between; j++)
            {
                double t = j / (between + 1.0);
                yield return [.. poses[k].Zip(poses[k + 1], (from, to) =>
                    new PosePoint(from.X + ((to.X - from.X) * t), from.Y + ((to.Y - from.Y) * t)))];
            }
        }
    }

    private Image Draw(CharacterRig rig, IReadOnlyList<PosePoint> pose, CharacterAnimateSettings settings)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var points = pose.Select(point => rig.Place(point, rig.Width, rig.Height)).ToList();
        var maps = CharacterTensors.Maps(rig, drawer.Layers, points).Unsqueeze(0).To(device);
        var (width, height) = rig.Filled;
        var drawn = network.Call(CharacterTensors.Layers(maps, drawer.Layers))[0].To(Device.Cpu).Float();
        drawn = (drawn.Narrow(1, 0, height).Narrow(2, 0, width) + 1) / 2;
        var picture = (settings.Mask ? drawn : drawn.Narrow(0, 0, 3)).Contiguous().ToImage();
        if (settings.FrameSize is not { } longer) return picture;
        double scale = (double)longer / Math.Max(width, height);
        return picture.Resize(Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)));
    }
}
