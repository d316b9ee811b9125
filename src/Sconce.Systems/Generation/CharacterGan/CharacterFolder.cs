using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>A picture of the character with its keypoints, on the network's square.</summary>
/// <param name="Name">Its file.</param>
/// <param name="Picture">RGB, 8 bits.</param>
/// <param name="Mask">How much of each pixel is the character's, in [0, 1]; null where it is not asked for.</param>
/// <param name="Points">In the order of the rig's labels.</param>
internal sealed record CharacterPose(string Name, Image Picture, float[]? Mask, IReadOnlyList<Keypoint> Points);

/// <summary>
/// A folder of a character's pictures with <c>keypoints.csv</c>, <c>keypoints_skeleton.csv</c>, <c>keypoints_layers.csv</c>.
/// </summary>
/// <param name="Rig">What they have in common.</param>
/// <param name="Poses">In the order of the table.</param>
/// <param name="Remarks">What was changed, a sentence each.</param>
internal sealed record CharacterFolder(CharacterRig Rig, IReadOnlyList<CharacterPose> Poses, IReadOnlyList<string> Remarks)
{
    public const string Keypoints = "keypoints.csv";
    private const int LargestDefault = 256;

    /// <summary>Reads it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="side">Of the network's square; null for the pictures' longer side, 256 at most.</param>
    /// <param name="drawer">What the network takes.</param>
    /// <exception cref="DataException">A table or a picture is missing, damaged, or does not fit the others.</exception>
    public static CharacterFolder Open(string folder, int? side, CharacterDrawer drawer)
    {
        string table = Path.Combine(folder, Keypoints);
        if (!Directory.Exists(folder)) throw new DataException(folder, "there is no such folder: pictures with keypoints.csv are expected");
        var poses = PoseFile.Poses(table);
        string[] labels = [.. poses[0].Points.Keys.Order(StringComparer.Ordinal)];
        var pictures = poses.Select(pose => Load(Path.Combine(folder, pose.Name), table)).ToList();
        var (width, height) = (pictures[0].Width, pictures[0].Height);
        int multiple = drawer.Multiple, longest = pictures.Max(picture => Math.Max(picture.Width, picture.Height));
        int square = side ?? Math.Min((longest + multiple - 1) / multiple * multiple, LargestDefault / multiple * multiple);
        var rig = new CharacterRig(
            labels,
            PoseFile.Layers(Named(table, "layers"), labels, drawer.Layers),
            PoseFile.Skeleton(Named(table, "skeleton"), labels),
            width,
            height,
            square);
        foreach (var (layer, members) in rig.Layers.CountBy(layer => layer))
        {
            if (members > KeypointMaps.Colours.Count) throw new DataException(
                table, $"layer {layer} has {members} keypoints, and {KeypointMaps.Colours.Count} can be told apart: use more layers");
        }

        List<string> remarks = [];
        if (pictures.Any(picture => (picture.Width, picture.Height) != (square, square)))
            remarks.Add($"pictures are scaled and padded on their right and below to {square} x {square} pixels");
        return new(rig, [.. poses.Zip(pictures, (pose, picture) => OnSquare(pose, picture, rig, drawer.HasMask, table))], remarks);
    }

    /// <summary>The table of a character that lies beside its keypoints.</summary>
    public static string Named(string keypoints, string table) =>
        Path.Combine(Path.GetDirectoryName(keypoints) ?? "", $"{Path.GetFileNameWithoutExtension(keypoints)}_{table}.csv");

    private static Image Load(string path, string table)
    {
        if (!File.Exists(path)) throw new DataException(table, $"it has keypoints of {Path.GetFileName(path)}, which is not in its folder");
        return Image.Load(path, new ImageOptions { Mode = ColorMode.Stored }).To8Bit();
    }

    private static CharacterPose OnSquare(NamedPose pose, Image picture, CharacterRig rig, bool hasMask, string table)
    {
        var points = PoseFile.Complete(pose, rig.Labels, table);
        var (width, height, side) = (picture.Width, picture.Height, rig.Side);
        foreach (var (label, point) in rig.Labels.Zip(points))
        {
            if (point.X < 0 || point.Y < 0 || point.X >= width || point.Y >= height) throw new DataException(
                table, $"'{label}' of {pose.Name} is at {point.X}, {point.Y}, outside its {width} x {height} pixels");
        }

        double scale = (double)side / Math.Max(width, height);
        int scaledWidth = Math.Clamp((int)Math.Round(width * scale), 1, side);
        int scaledHeight = Math.Clamp((int)Math.Round(height * scale), 1, side);
        if ((scaledWidth, scaledHeight) != (width, height)) picture = picture.Resize(scaledWidth, scaledHeight);
        var opaque = picture.ToRgb(Rgb.White);
        var background = CharacterMask.Background(opaque);
        opaque = opaque.Pad(0, 0, side - scaledWidth, side - scaledHeight, background);
        float[]? mask = !hasMask ? null
            : picture.Channels == 4 ? CharacterMask.OfAlpha(picture, side) : CharacterMask.OfColour(opaque, background);
        return new CharacterPose(pose.Name, opaque, mask, [.. points.Select(point => rig.Place(point, width, height))]);
    }
}
