using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Perceptual;
using Sconce.Systems.Video.FaceVid2Vid;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.FaceVid2Vid;

/// <summary>VGG-19 and Hopenet as teachers of a talking head. Their weights are random here; their files have the published keys.</summary>
[Collection(LiveTensors.Name)]
public sealed class FaceTeachersTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-teachers-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_frame_is_like_itself_and_only_the_painted_one_gets_a_gradient()
    {
        using var scope = new TensorScope();
        using var likeness = new FaceLikeness();
        Tensor wanted = Tensor.Rand([1, 3, 32, 32]), painted = Tensor.Rand([1, 3, 32, 32]);
        painted.RequiresGrad = true;
        Assert.Equal(0, likeness.Call(wanted, wanted).Item<float>());
        var loss = likeness.Call(painted, wanted);
        Assert.True(loss.Item<float>() > 0);
        loss.Backward();
        Assert.NotNull(painted.Grad);
        Assert.All(likeness.Parameters(), weight => Assert.Null(weight.Grad));
    }

    [Fact]
    public void Each_size_that_VGG_can_see_counts()
    {
        using var scope = new TensorScope();
        using var likeness = new FaceLikeness();
        Tensor wanted = Tensor.Rand([1, 3, 64, 64]), painted = Tensor.Rand([1, 3, 64, 64]);
        using var half = new AntiAliasedShrink(3, 0.5);
        using var quarter = new AntiAliasedShrink(3, 0.25);
        // At 64 pixels full, half and quarter size; at 16 pixels one alone.
        double whole = likeness.Call(painted, wanted).Item<float>();
        double smallest = likeness.Call(quarter.Call(painted), quarter.Call(wanted)).Item<float>();
        Assert.True(whole > smallest && smallest > 0, $"{whole} and {smallest}");
        Assert.True(likeness.Call(half.Call(painted), half.Call(wanted)).Item<float>() > 0);
    }

    [Fact]
    public void The_released_Hopenet_says_degrees_by_its_own_keys()
    {
        using var scope = new TensorScope();
        using var trunk = Trunk();
        using var heads = Heads();
        using var teacher = new HeadPoseTeacher();
        teacher.Load(Saved(trunk, heads));
        var frame = Tensor.Rand([1, 3, 224, 224]);
        var normal = (frame - Tensor.From([0.485f, 0.456f, 0.406f], [1, 3, 1, 1])) / Tensor.From([0.229f, 0.224f, 0.225f], [1, 3, 1, 1]);
        trunk.Eval();
        var features = trunk.Call(normal);
        var angles = teacher.Call(frame);
        Assert.Equal(Degrees("fc_yaw"), angles.Yaw.Item<float>(), 1e-3);
        Assert.Equal(Degrees("fc_pitch"), angles.Pitch.Item<float>(), 1e-3);
        Assert.Equal(Degrees("fc_roll"), angles.Roll.Item<float>(), 1e-3);

        float Degrees(string head) => HeadMotion.Degrees(((Linear)heads[head]).Call(features)).Item<float>();
    }

    [Fact]
    public void A_run_with_both_teachers_follows_them_and_is_asked_without_them()
    {
        string vgg = Path.Combine(root, "vgg19.safetensors");
        using (var features = new Vgg19Loss()) ModelWeights.Save(features, vgg, cancellation: Cancellation);
        string hopenet;
        using (var trunk = Trunk())
        using (var heads = Heads()) hopenet = Saved(trunk, heads);
        var runs = new SmallRuns(root, new FaceVid2VidSystem());
        var asked = runs.Asked("face_vid2vid", "face_64", Frames());
        var own = asked.Of<FaceSettings>() with { Vgg = vgg, Hopenet = hopenet };
        var (_, settled) = runs.Train(asked with { Settings = own.With(asked.Run with { Steps = 2 }, asked.Optimization) }, "taught");
        Assert.Equal(0, settled.Of<FaceSettings>().Difference);
        string log = File.ReadAllText(Path.Combine(root, "taught", "log.jsonl"));
        Assert.Contains("\"perceptual\":", log, StringComparison.Ordinal);
        Assert.Contains("\"degrees off\":", log, StringComparison.Ordinal);
        File.Delete(vgg);
        File.Delete(hopenet);
        runs.EvaluatesAsItTrained("taught", settled);
    }

    [Fact]
    public void A_file_of_another_network_is_told_at_once()
    {
        string file = Path.Combine(root, "heads.safetensors");
        using (var heads = Heads()) ModelWeights.Save(heads, file, cancellation: Cancellation);
        var runs = new SmallRuns(root, new FaceVid2VidSystem());
        var asked = runs.Asked("face_vid2vid", "face_64", Frames());
        Assert.Throws<CheckpointException>(() => runs.Open(asked with { Settings = asked.Of<FaceSettings>() with { Hopenet = file } }));
        Assert.Throws<CheckpointException>(() => runs.Open(asked with { Settings = asked.Of<FaceSettings>() with { Vgg = file } }));
    }

    private static ResNet Trunk() => new(ResNetConfiguration.ResNet50 with { Classes = 0 });

    private static ModuleDictionary<Module> Heads() => new()
    {
        ["fc_yaw"] = new Linear(2048, 66),
        ["fc_pitch"] = new Linear(2048, 66),
        ["fc_roll"] = new Linear(2048, 66),
        ["fc_finetune"] = new Linear(2051, 3),
    };

    /// <summary>All layers side by side, as the released file has them.</summary>
    private string Saved(ResNet trunk, ModuleDictionary<Module> heads)
    {
        string path = Path.Combine(root, "hopenet.safetensors");
        var together = new ModuleDictionary<Module>();   // its modules belong to trunk and heads
        foreach (var (name, module) in trunk.NamedModules().Concat(heads.NamedModules()))
            if (name.Length > 0 && !name.Contains('.', StringComparison.Ordinal)) together[name] = module;
        ModelWeights.Save(together, path, cancellation: Cancellation);
        return path;
    }

    private string Frames()
    {
        string folder = Path.Combine(root, "data", "one");
        Directory.CreateDirectory(folder);
        using var scope = new TensorScope();
        var head = new ProceduralHead(new Random(2));
        for (int k = 0; k < 6; k++)
        {
            head.Picture(8 * k, 0).ToImage().Resize(64, 64, ResizeFilter.Bilinear).Save(Path.Combine(folder, $"{k}.png"));
        }

        return Path.Combine(root, "data");
    }
}
