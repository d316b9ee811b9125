using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Systems.Video.FaceVid2Vid;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.FaceVid2Vid;

[Collection(LiveTensors.Name)]
public sealed class AnimateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-animate-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_portrait_has_a_frame_for_each_of_the_clip_and_its_sound()
    {
        string path = TestClips.Moving(folder);
        using var session = new AnimateSession(Request());
        var settings = new AnimateSettings { Source = Noise(300, 280), Driving = Abilities.Clip.Of(path) };
        long before = LiveTensors.Count;
        var answer = session.Ask(Nothing.Instance, settings, cancellation: Cancellation);
        Assert.Equal((10, path), (answer.Clip.FrameRate, answer.Clip.SoundFrom));
        Assert.Equal(6L, answer.Motion.Items[0][0]);
        var frames = answer.Clip.Frames.ToList();
        Assert.Equal(6, frames.Count);
        Assert.All(frames, frame => Assert.Equal((256, 256, 3), (frame.Width, frame.Height, frame.Channels)));
        Assert.Equal(before, LiveTensors.Count);

        var side = session.Ask(Nothing.Instance, settings with { Yaw = 80 }, cancellation: Cancellation);
        Assert.NotEqual(frames[0].Pixels.ToArray(), side.Clip.Frames.First().Pixels.ToArray());
    }

    [Fact]
    public void A_whole_portrait_moves_in_its_square_alone()
    {
        var portrait = Noise(300, 200).Image;
        using var session = new AnimateSession(Request());
        var settings = new AnimateSettings
        {
            Source = portrait,
            Driving = Abilities.Clip.Of(TestClips.Moving(folder)),
            Box = [40, 20, 140, 120],
            Whole = true,
        };
        var frame = session.Ask(Nothing.Instance, settings, cancellation: Cancellation).Clip.Frames.First();
        Assert.Equal((300, 200), (frame.Width, frame.Height));
        int changed = 0;
        for (int y = 0; y < 200; y++)
        {
            for (int x = 0; x < 300; x++)
            {
                bool isEqual = frame.Row(y).Slice(3 * x, 3).SequenceEqual(portrait.Row(y).Slice(3 * x, 3));
                if (x is < 40 or >= 140 || y is < 20 or >= 120) Assert.True(isEqual);
                else if (!isEqual) changed++;
            }
        }

        Assert.True(changed > 5000, $"{changed}");
    }

    [Fact]
    public void A_head_turns_over_time_as_a_table_says()
    {
        string path = TestClips.Moving(folder), keys = Path.Combine(folder, "keys.csv");
        File.WriteAllText(keys, "seconds,yaw\n0,0\n0.2,80\n");
        using var session = new AnimateSession(Request());
        var settings = new AnimateSettings { Source = Noise(64, 64), Driving = Abilities.Clip.Of(path), Turn = keys };
        var answer = session.Ask(Nothing.Instance, settings, cancellation: Cancellation);
        Assert.Contains("45", (string)answer.Motion.Items[0][3]!, StringComparison.Ordinal);
        var turning = answer.Clip.Frames.ToList();
        settings = settings with { Turn = null };
        for (int k = 0; k < 6; k++)
        {
            var still = session.Ask(Nothing.Instance, settings with { Yaw = Math.Min(80, 40 * k) }, cancellation: Cancellation);
            Assert.Equal(still.Clip.Frames.ElementAt(k).Pixels.ToArray(), turning[k].Pixels.ToArray());
        }

        Assert.Throws<SettingsException>(
            () => session.Ask(Nothing.Instance, settings with { Turn = keys, Roll = 3 }, cancellation: Cancellation));
    }

    [Theory]
    [InlineData("seconds,yaw\n0,0\n0,5\n", "ascend")]
    [InlineData("seconds,yaw\n0,\n1,5\n", "row 1")]
    [InlineData("seconds,yaw\n0,95\n", "-90 to 90")]
    [InlineData("seconds,tilt\n0,5\n", "none of the columns")]
    public void Keys_that_are_no_keys_are_told(string text, string said)
    {
        string keys = Path.Combine(folder, "keys.csv");
        File.WriteAllText(keys, text);
        Assert.Contains(said, Assert.Throws<Tables.TableException>(() => ViewKeys.Read(keys)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_or_lies_outside_is_one_clear_error()
    {
        using var session = new AnimateSession(Request());
        string path = TestClips.Moving(folder);
        var settings = new AnimateSettings { Source = Noise(64, 64), Driving = Abilities.Clip.Of(path) };
        Assert.Throws<SettingsException>(() => session.Ask(Nothing.Instance, settings with { Source = null }, cancellation: Cancellation));
        var crossed = settings with { Box = [5, 5, 3, 9] };
        Assert.Throws<SettingsException>(() => session.Ask(Nothing.Instance, crossed, cancellation: Cancellation));
        var outside = () => session.Ask(Nothing.Instance, settings with { DrivingBox = [64, 0, 90, 20] }, cancellation: Cancellation);
        Assert.Contains("outside", Assert.Throws<SettingsException>(outside).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_face_in_a_box_fills_the_window()
    {
        var picture = new Image(400, 300);
        picture.DrawRectangle(new PixelBox(100, 50, 300, 250), Rgb.White, 200);
        var window = FaceWindow.Of(picture, [120, 70, 280, 230], "box", 256);
        Assert.Equal((256, 256), (window.Width, window.Height));
        Assert.All(window.Pixels.ToArray(), value => Assert.Equal(255, value));
        Assert.Contains((byte)0, FaceWindow.Of(picture, [], "box", 256).Pixels.ToArray());
    }

    [Fact]
    public void A_hull_is_as_large_as_its_corners_say_whatever_lies_inside()
    {
        using var scope = new TensorScope();
        var corners = Tensor.From([0f, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2f, 0.2f, 0.2f], [1, 5, 3]);
        Assert.Equal(1.0 / 6, HullVolume.Of(corners), 1e-6);
        Assert.Equal(8.0 / 6, HullVolume.Of(corners * 2), 1e-5);
        Assert.Equal(0, HullVolume.Of(corners.Narrow(1, 0, 3)));
    }

    private static MadeRequest Request() => new(() => new FaceVid2VidNetwork(FaceVid2VidTests.Small), new TalkingHead());

    private static Picture Noise(int width, int height)
    {
        var image = new Image(width, height);
        new Random(3).NextBytes(image.Pixels);
        return image;
    }
}
