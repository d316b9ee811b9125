using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Systems.Detection.Tracking;
using Xunit;

namespace Sconce.Systems.Tests.Tracking;

/// <summary>How the camera moved, from the frames alone; and objects that are known again by their colours.</summary>
public sealed class CameraMotionTests
{
    private const double Rate = 10;

    [Theory]
    [InlineData(1, 0, 6, -3)]
    [InlineData(1.02, 0, 2, 1)]
    [InlineData(0.9998, 0.015, -4, 2)]
    public void A_shift_a_zoom_and_a_turn_are_found_in_frames(double a, double b, double x, double y)
    {
        var truth = new SceneMotion(a, b, x, y);
        var camera = new CameraMotion();
        Assert.Equal(SceneMotion.None, camera.Next(Frame(SceneMotion.None)));
        var found = camera.Next(Frame(truth));
        double[] wanted = [20, 20, 300, 20, 160, 120, 20, 220, 300, 220], moved = [.. wanted];
        truth.ApplyTo(wanted);
        found.ApplyTo(moved);
        Assert.All(wanted.Zip(moved), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
    }

    [Fact]
    public void Large_frames_are_in_their_own_pixels_and_what_moves_by_itself_is_left_out()
    {
        var camera = new CameraMotion();
        camera.Next(Frame(SceneMotion.None, 640));
        Assert.InRange(camera.Next(Frame(new SceneMotion(1, 0, 10, 0), 640)).ShiftX, 9, 11);

        var crowded = new CameraMotion();
        crowded.Next(Frame(new SceneMotion(1, 0, 5, 0)));
        // All of the frame moves, and all of it lies in a box: nothing is left to say that the camera did.
        Assert.Equal(SceneMotion.None, crowded.Next(Frame(new SceneMotion(1, 0, 9, 0)), [(0, 0, 320, 240)]));
        Assert.Throws<ArgumentException>(() => crowded.Next(new Image(100, 240)));
    }

    [Fact]
    public void Without_anything_to_recognise_there_is_no_motion()
    {
        var camera = new CameraMotion();
        camera.Next(new Image(320, 240));
        Assert.Equal(SceneMotion.None, camera.Next(new Image(320, 240)));
    }

    [Fact]
    public void A_camera_that_jerks_loses_nobody_when_its_motion_is_known()
    {
        // Two things stand still; the camera jumps by 90 pixels, farther than their boxes reach.
        var jerk = new SceneMotion(1, 0, 90, 0);
        int[] Ids(bool knows) =>
        [
            .. Followed(Enumerable.Range(0, 30).Select(k =>
            {
                double shift = k < 15 ? 0 : 90;
                return new FrameBoxes([Thing(20 + shift), Thing(110 + shift)], null, knows ? k == 15 ? jerk : SceneMotion.None : null);
            }), new TrackSettings()).Where(box => box.Frame == 29).OrderBy(box => box.Box.Left).Select(box => box.Id),
        ];
        Assert.Equal([1, 2], Ids(knows: true).Order());
        int[] still =
            [.. Followed(Still(), new TrackSettings()).Where(box => box.Frame == 29).OrderBy(box => box.Box.Left).Select(box => box.Id)];
        Assert.Equal(still, Ids(knows: true));
        Assert.NotEqual(Ids(knows: true), Ids(knows: false));
    }

    [Theory]
    [InlineData(0, false, 2)]
    [InlineData(8, false, 1)]
    [InlineData(8, true, 2)]
    [InlineData(2, false, 2)]
    public void Who_comes_back_elsewhere_keeps_the_number_where_colours_agree_in_time(double relink, bool isOther, int people)
    {
        var frames = Enumerable.Range(0, 90).Select(k =>
        {
            bool isGone = k is >= 20 and < 65;
            var picture = Person(k < 65 || !isOther ? new Rgb(220, 40, 40) : new Rgb(40, 60, 220), k < 65 ? 20 : 200);
            Box[] boxes = isGone ? [] : [Thing(k < 65 ? 20 : 200)];
            return new FrameBoxes(boxes, [.. boxes.Select(box => BoxLooks.Of(picture, box))]);
        });
        var followed = Followed(frames, new TrackSettings { Relink = relink });
        Assert.Equal(people, followed.Select(box => box.Id).Distinct().Count());
    }

    [Fact]
    public void Both_need_the_clip()
    {
        using var session = new TrackDetectionsSession();
        foreach (var settings in (TrackSettings[])[new() { Detections = "x", Relink = 1 }, new() { Detections = "x", MovingCamera = true }])
        {
            var fault = Assert.Throws<SettingsException>(() => session.Ask(Nothing.Instance, settings));
            Assert.Contains("name the clip", fault.Message, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<FrameBoxes> Still() => Enumerable.Range(0, 30).Select(_ => new FrameBoxes([Thing(20), Thing(110)]));

    private static List<TrackedBox> Followed(IEnumerable<FrameBoxes> frames, TrackSettings settings) =>
        Following.Run(frames, Rate, settings, TestContext.Current.CancellationToken).Followed;

    private static Box Thing(double left) => new("thing", 1, left, 50, left + 40, 130, 0);

    private static Image Person(Rgb colour, int left)
    {
        var frame = new Image(320, 240);
        frame.Fill(new PixelBox(0, 0, 320, 240), new Rgb(120, 120, 120));
        frame.Fill(new PixelBox(left, 50, left + 40, 130), colour);
        return frame;
    }

    /// <summary>A scene of smooth blobs, as the camera sees it after a motion.</summary>
    private static Image Frame(SceneMotion motion, int width = 320)
    {
        int height = width * 3 / 4;
        double size = width / 320.0, turn = (motion.A * motion.A) + (motion.B * motion.B);
        var blobs = new Random(4);
        (double X, double Y, double Size, double Height)[] scene =
        [
            .. Enumerable.Range(0, 260).Select(_ => (
                ((blobs.NextDouble() * 400) - 40) * size, ((blobs.NextDouble() * 320) - 40) * size,
                (3 + (blobs.NextDouble() * 5)) * size, (blobs.NextDouble() * 2) - 1)),
        ];
        var frame = new Image(width, height);
        var light = new double[width * height];
        foreach (var (placeX, placeY, reach, high) in scene)
        {
            double x = (motion.A * placeX) - (motion.B * placeY) + motion.ShiftX;
            double y = (motion.B * placeX) + (motion.A * placeY) + motion.ShiftY;
            double spread = reach * Math.Sqrt(turn);
            for (int row = Math.Max(0, (int)(y - (3 * spread))); row < Math.Min(height, y + (3 * spread)); row++)
            {
                for (int column = Math.Max(0, (int)(x - (3 * spread))); column < Math.Min(width, x + (3 * spread)); column++)
                {
                    double far = ((column - x) * (column - x)) + ((row - y) * (row - y));
                    light[(row * width) + column] += high * Math.Exp(-far / (spread * spread));
                }
            }
        }

        for (int k = 0; k < light.Length; k++)
        {
            byte value = (byte)Math.Clamp(128 + (90 * light[k]), 0, 255);
            frame.Pixels.Slice(3 * k, 3).Fill(value);
        }

        return frame;
    }
}
