using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Video.FaceVid2Vid;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.FaceVid2Vid;

/// <summary>A talking head trained on frames, and clips encoded and decoded with it.</summary>
[Collection(LiveTensors.Name)]
public sealed class FaceTrainingTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-face-").FullName;
    private readonly SmallRuns runs;

    public FaceTrainingTests() => runs = new SmallRuns(root, new FaceVid2VidSystem());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_run_that_was_stopped_goes_on_bit_for_bit_and_encodes_and_decodes_a_call()
    {
        var asked = runs.Asked("face_vid2vid", "face_64", Frames());
        var settled = runs.StopsAndGoesOn(asked);
        Assert.Equal("gain", settled.Run.Watched);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(root, "whole", "samples"), "*faces.png"));
        Assert.Equal("frames", runs.EvaluatesAsItTrained("whole", settled).Items);
        string call = Path.Combine(root, "call.sfv");
        var target = runs.Target("whole", settled);
        using (var session = target.Open<Session<Abilities.Clip, EncodeAnswer, EncodeSettings>>(Verb.Encode, new() { Device = Device.Cpu }))
        {
            var answer = session.Ask(Abilities.Clip.Of(TestClips.Moving(root)), cancellation: Cancellation);
            File.WriteAllBytes(call, answer.File.Bytes.ToArray());
            Assert.Equal(6, answer.Size.Items[0][0]);
        }

        using (var session = target.Open<Session<EncodedClip, MadeClip, DecodeSettings>>(Verb.Decode, new() { Device = Device.Cpu }))
        {
            var clip = session.Ask(EncodedClip.Of(call), cancellation: Cancellation);
            var frames = clip.Frames.ToList();
            Assert.Equal((10, 6, 64), (clip.FrameRate, frames.Count, frames[0].Width));
            var turned = session.Ask(EncodedClip.Of(call), new DecodeSettings { Yaw = 20, Pitch = -5 }, cancellation: Cancellation);
            Assert.NotEqual(frames[0].Pixels.ToArray(), turned.Frames.First().Pixels.ToArray());
            File.WriteAllBytes(call, File.ReadAllBytes(call)[..^3]);
            Assert.Contains("cut short", Assert.Throws<DataException>(() => session.Ask(EncodedClip.Of(call))).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_call_of_other_weights_is_refused()
    {
        string call = Path.Combine(root, "call.sfv");
        File.WriteAllBytes(call, new CallFile(7, 10, 1, 25, new byte[] { 1 }, new byte[] { 2 }).ToBytes());
        var variant = new FaceVid2VidSystem().Variants.Single(variant => variant.Name == "face_64");
        using var session = new DecodeCall().Open(new MadeRequest(() => variant.Create(new())));
        var error = Assert.Throws<DataException>(() => session.Ask(EncodedClip.Of(call), cancellation: Cancellation));
        Assert.Contains("other weights", error.Message, StringComparison.Ordinal);
        File.WriteAllText(call, "words");
        Assert.Throws<DataException>(() => session.Ask(EncodedClip.Of(call), cancellation: Cancellation));
    }

    [Fact]
    public void Numbers_are_decoded_as_they_were_rounded()
    {
        var random = new Random(3);
        double[] steps = [0.25, 1.0 / 256, 0.01];
        float[][] rows = [.. Enumerable.Range(0, 300).Select(k => new[] { (float)Math.Sin(k / 9.0) * 30, random.NextSingle(), k == 7
            ? 1e6f : 0.5f })];
        byte[] bytes = MotionCoding.Encode(rows, steps);
        var again = MotionCoding.Decode(bytes, rows.Length, steps).ToList();
        for (int k = 0; k < rows.Length; k++)
        {
            for (int column = 0; column < steps.Length; column++)
            {
                Assert.Equal(rows[k][column], again[k][column], Math.Max(steps[column] * 0.51, Math.Abs(rows[k][column]) * 1e-6));
            }
        }

        Assert.True(bytes.Length < rows.Length * 4, $"{bytes.Length} bytes");
    }

    [Fact]
    public void Steady_numbers_take_next_to_nothing()
    {
        byte[] bytes = MotionCoding.Encode(Enumerable.Range(0, 1000).Select(_ => new[] { 1f, 2f, 3f }), [0.1, 0.1, 0.1]);
        Assert.True(bytes.Length < 200, $"{bytes.Length} bytes");
    }

    [Fact]
    public void A_quick_claim_runs_and_proves_nothing()
    {
        var result = new FaceVid2VidClaim().Run(new(Quick: true), null, Cancellation);
        Assert.Equal(Verdict.Undecided, result.Verdict);
        Assert.Equal(7, result.Rows.Count);
    }

    private string Frames()
    {
        string folder = Path.Combine(root, "data", "one");
        Directory.CreateDirectory(folder);
        using var scope = new TensorScope();
        var head = new ProceduralHead(new Random(2));
        for (int k = 0; k < 6; k++) head.Picture(8 * k, 0).ToImage().Resize(64, 64, ResizeFilter.Bilinear).Save(Path.Combine(folder,
            $"{k}.png"));
        return Path.Combine(root, "data");
    }
}
