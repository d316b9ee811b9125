using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>
/// A puppet of 32 x 32 pixels: far arm and leg, torso, near leg and arm, drawn in that order as thick strokes with a dark outline. Arms
/// look alike, and so do legs: only the layers tell which is in front.
/// </summary>
internal static class Puppet
{
    public const int Side = 32, Layers = 3;

    public static readonly string[] Labels =
    [
        "far-foot", "far-hand", "far-hip", "far-shoulder", "hip", "near-foot", "near-hand", "near-hip", "near-shoulder", "neck",
    ];

    private const double Widest = 75 * Math.PI / 180, LegShare = 0.6, Radius = 2, Outline = 1, DotDeviation = 1.6;
    private static readonly (double X, double Y) Neck = (15.5, 10), Hip = (15.5, 19);
    private static readonly float[] Arm = [0.85f, 0.35f, 0.25f], Leg = [0.25f, 0.4f, 0.8f], Torso = [0.35f, 0.65f, 0.3f];
    private static readonly int[] LayerOf = [0, 0, 0, 0, 1, 2, 2, 2, 2, 1];

    /// <summary>A pose drawn at random: keypoints in the order of <see cref="Labels"/>.</summary>
    public static (double X, double Y)[] Pose(Random random)
    {
        double Angle(double share) => ((2 * random.NextDouble()) - 1) * Widest * share;
        var (farArm, farLeg, nearLeg, nearArm) = (Angle(1), Angle(LegShare), Angle(LegShare), Angle(1));
        return
        [
            End(Hip, farLeg, 10), End(Neck, farArm, 9), Hip, Neck, Hip, End(Hip, nearLeg, 10), End(Neck, nearArm, 9), Hip, Neck, Neck,
        ];
    }

    /// <summary>The picture <c>(3, 32, 32)</c> in [-1, 1] of a pose, and where it shows the puppet, 1 or 0.</summary>
    public static (float[] Picture, float[] Foreground) Draw((double X, double Y)[] pose)
    {
        var picture = new float[3 * Side * Side];
        Array.Fill(picture, 0.9f);
        var foreground = new float[Side * Side];
        Stroke(Neck, pose[1], Arm);
        Stroke(Hip, pose[0], Leg);
        Stroke(Neck, Hip, Torso);
        Stroke(Hip, pose[5], Leg);
        Stroke(Neck, pose[6], Arm);
        for (int k = 0; k < picture.Length; k++) picture[k] = (picture[k] * 2) - 1;
        return (picture, foreground);

        void Stroke((double X, double Y) from, (double X, double Y) to, float[] colour)
        {
            for (int k = 0; k < Side * Side; k++)
            {
                double distance = Distance(k % Side, k / Side, from, to);
                if (distance > Radius + Outline) continue;
                foreground[k] = 1;
                for (int c = 0; c < 3; c++) picture[(c * Side * Side) + k] = distance > Radius ? 0.1f : colour[c];
            }
        }
    }

    /// <summary>
    /// The maps of a pose <c>(9, 32, 32)</c> in [-1, 1]: soft dots, each keypoint of a layer in a colour of its own.
    /// </summary>
    public static float[] Maps((double X, double Y)[] pose) => SoftDots.Maps(pose, LayerOf, Layers, Side, DotDeviation);

    /// <summary>What is known of the puppet beside the weights of a network that draws it.</summary>
    public static CharacterRig Rig { get; } = new(Labels, LayerOf, [], Side, Side, Side) { Dot = DotDeviation };

    /// <summary>Poses as the network has them, and where each shows the puppet, <c>(N, 1, 32, 32)</c>.</summary>
    public static (Tensor Maps, Tensor Pictures, Tensor Foreground) Draw(int count, Random random)
    {
        var poses = Enumerable.Range(0, count).Select(_ => Pose(random)).ToList();
        var drawn = poses.Select(Draw).ToList();
        return (
            Tensor.From([.. poses.SelectMany(Maps)], [count, Layers * 3, Side, Side]),
            Tensor.From([.. drawn.SelectMany(one => one.Picture)], [count, 3, Side, Side]),
            Tensor.From([.. drawn.SelectMany(one => one.Foreground)], [count, 1, Side, Side]));
    }

    /// <summary>A folder as a person would bring it: pictures and the three tables.</summary>
    /// <param name="folder">Is there.</param>
    /// <param name="count">Of pictures.</param>
    /// <param name="random">Of poses.</param>
    /// <param name="scale">How many times larger the pictures are.</param>
    public static void Write(string folder, int count, Random random, int scale = 1)
    {
        var lines = new List<string>();
        using var scope = new TensorScope();
        for (int k = 0; k < count; k++)
        {
            var pose = Pose(random);
            string name = $"pose-{k + 1:00}.png";
            var picture = (Tensor.From(Draw(pose).Picture, [3, Side, Side]) + 1) / 2;
            picture.ToImage().Resize(Side * scale, Side * scale, ResizeFilter.Nearest).Save(Path.Combine(folder, name));
            lines.AddRange(Labels.Zip(pose, (label, point) =>
                FormattableString.Invariant($"{label},{Math.Round(point.X * scale)},{Math.Round(point.Y * scale)},{name}")));
        }

        File.WriteAllLines(Path.Combine(folder, "keypoints.csv"), lines);
        File.WriteAllLines(Path.Combine(folder, "keypoints_layers.csv"), Labels.Select((label, k) => $"{label},{LayerOf[k]}"));
        File.WriteAllLines(
            Path.Combine(folder, "keypoints_skeleton.csv"),
            ["far-shoulder,far-hand,", "far-hip,far-foot,", "neck,hip,", "near-shoulder,near-hand,", "near-hip,near-foot,"]);
    }

    private static (double X, double Y) End((double X, double Y) from, double angle, double length) =>
        (from.X + (length * Math.Sin(angle)), from.Y + (length * Math.Cos(angle)));

    private static double Distance(double x, double y, (double X, double Y) from, (double X, double Y) to)
    {
        double dx = to.X - from.X, dy = to.Y - from.Y;
        double t = Math.Clamp((((x - from.X) * dx) + ((y - from.Y) * dy)) / ((dx * dx) + (dy * dy)), 0, 1);
        return Math.Sqrt(Math.Pow(x - from.X - (t * dx), 2) + Math.Pow(y - from.Y - (t * dy), 2));
    }
}
