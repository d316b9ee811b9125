using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Detection.Tsp;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Tsp;

/// <summary><c>sconce train tsp_fcos</c> and <c>tsp_rcnn</c> on a small folder.</summary>
[Collection(LiveTensors.Name)]
public sealed class TspTrainingTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-tsp-").FullName;
    private readonly SmallRuns runs;

    public TspTrainingTests() => runs = new SmallRuns(root, new TspSystem());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("tsp_fcos")]
    [InlineData("tsp_rcnn")]
    public void A_run_that_was_stopped_goes_on_bit_for_bit_and_finds_its_own_classes(string network)
    {
        var settled = runs.StopsAndGoesOn(runs.Asked("tsp", network, Data(), 64));
        Assert.Equal("AP50", settled.Run.Watched);
        using var session = runs.Target("whole", settled).Open<Session<Picture, Boxes,
            DetectSettings>>(Verb.Detect, new() { Device = Device.Cpu });
        var found = session.Ask(new ShapeScenes(1, 9)[0].Image, new DetectSettings { Threshold = 0 }, cancellation: Cancellation);
        Assert.All(found.Items, box => Assert.Contains(box.Name, settled.Classes!));
        var report = new TspMethod().Evaluate(runs.Trained("whole", settled), null, 1, null, Cancellation);
        Assert.Equal(2, report.Count);
    }

    [Fact]
    public void The_check_draws_a_batch_and_learns_it()
    {
        using var run = runs.Open(runs.Asked("tsp", "tsp_fcos", Data(), 64));
        string picture = Path.Combine(root, "check.png");
        var findings = run.Check(picture, Cancellation);
        Assert.True(findings[1].Passed, findings[1].Detail);
        Assert.True(Image.Load(picture).Width > 60);
    }

    [Fact]
    public void A_picture_without_an_object_is_learned_as_background()
    {
        TorchRuntime.ManualSeed(3);
        using var scope = new TensorScope();
        using var fcos = (TspFcos)TspVariants.All.Single(variant => variant.Name == "tsp_fcos").Create(new(3));
        using var rcnn = (TspRcnn)TspVariants.All.Single(variant => variant.Name == "tsp_rcnn").Create(new(3));
        Tensor[] pictures = [Tensor.Rand([3, 64, 64]) * 255, Tensor.Rand([3, 64, 64]) * 255];
        var none = FcosObjects.Of(Tensor.Zeros([0, 4]), Tensor.Zeros([0], DType.Int64));
        var losses = TspFcosStep.Losses(fcos, pictures, [none, none], new FcosAssignment(), new TspFcosLoss(), new Random(1));
        Assert.True(float.IsFinite(losses.Total.Item<float>()));
        var empty = (Tensor.Zeros([0, 4]), Tensor.Zeros([0], DType.Int64));
        var regions = TspRcnnTraining.Losses(rcnn, pictures, [empty, empty], new Random(1));
        Assert.True(float.IsFinite(regions.Total.Item<float>()));
    }

    [Fact]
    public void Data_of_other_kinds_and_other_networks_are_refused_in_a_line()
    {
        Directory.CreateDirectory(Path.Combine(root, "empty"));
        Assert.Throws<DataException>(() => runs.Open(runs.Asked("tsp", "tsp_fcos", Path.Combine(root, "empty"))));
        var frozen = runs.Asked("tsp", "tsp_fcos", Data(), 64);
        var error = Assert.ThrowsAny<UsageException>(() => runs.Open(frozen.With(frozen.Run with { Freeze = ["*"] })));
        Assert.Contains("nothing to train", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quick_claim_runs_and_proves_nothing()
    {
        var result = new TspClaim().Run(new(Quick: true), null, Cancellation);
        Assert.Equal(Verdict.Undecided, result.Verdict);
        Assert.Equal(3, result.Rows.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_box_begins_without_a_side_where_it_could_not_learn_one(int seed)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var arm = new TspFcosArm(restricted: true);
        var scenes = new ShapeScenes(4, seed);
        var found = ((TspFcos)arm.Network).Call([.. Enumerable.Range(0, 4).Select(k => TspFcosArm.Pixels(scenes[k]))]);
        Assert.True(found.Sides.Min().Item<float>() > 0.1f);
    }

    private string Data()
    {
        string folder = Path.Combine(root, "data");
        DetectionPictures.Write(folder, "train", new ShapeScenes(4, 1), "rectangle", "ellipse", "triangle");
        DetectionPictures.Write(folder, "test", new ShapeScenes(2, 2), "rectangle", "ellipse", "triangle");
        return folder;
    }
}
