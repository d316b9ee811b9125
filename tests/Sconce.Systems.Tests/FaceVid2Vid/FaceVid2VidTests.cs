using Sconce.Nn;
using Sconce.Systems.Video.FaceVid2Vid;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.FaceVid2Vid;

[Collection(LiveTensors.Name)]
public sealed class FaceVid2VidTests
{
    internal static readonly FaceVid2VidConfig Small = new()
    {
        Detector = new KeypointDetectorConfig
        {
            Keypoints = 4,
            Width = 4,
            MaxWidth = 16,
            Levels = 2,
            VolumeChannels = 64,
            VolumeDepth = 4,
            Scale = 0.5,
        },
        Generator = new FaceGeneratorConfig
        {
            Keypoints = 4,
            Width = 8,
            MaxWidth = 32,
            VolumeChannels = 8,
            VolumeDepth = 4,
            Blocks = 1,
            IsSpade = false,
            Motion = new MotionFieldConfig { Width = 4, MaxWidth = 16, Levels = 2, Depth = 4, Compressed = 2 },
        },
        EstimatorWidth = 8,
    };

    [Fact]
    public void Keys_and_shapes_of_the_estimators_are_the_published_ones()
    {
        using var skipped = Init.Skipped();
        using var detector = new KeypointDetector(new KeypointDetectorConfig());
        using var estimator = new HeadEstimator();
        Assert.Equal((41_940_047, 30_254_838), (detector.ParameterCount, estimator.ParameterCount));
        Assert.Equal(0x66757af45920b76fUL, StateHash.Of(detector));
        Assert.Equal(0xa61119d005350a51, StateHash.Of(estimator));
    }

    [Fact]
    public void Both_painters_and_the_discriminator_have_the_published_number_of_parameters()
    {
        using var skipped = Init.Skipped();
        using var spade = new FaceGenerator(new FaceGeneratorConfig());
        using var original = new FaceGenerator(new FaceGeneratorConfig { IsSpade = false });
        using var judge = new MultiScaleDiscriminator([1], new FaceDiscriminatorConfig());
        Assert.Equal((100_988_176, 53_101_392, 2_758_849), (spade.ParameterCount, original.ParameterCount, judge.ParameterCount));
        Assert.Contains(spade.StateDict(), entry => entry.Name == "decoder.G_middle_3.conv_0.weight_orig");
        Assert.Contains(judge.StateDict(), entry => entry.Name == "discs.1.down_blocks.0.conv.weight_u");
    }

    [Fact]
    public void Keys_and_shapes_of_the_original_painter_are_the_re_implementations()
    {
        using var skipped = Init.Skipped();
        using var generator = new FaceGenerator(new FaceGeneratorConfig
        {
            Keypoints = 5,
            Width = 8,
            MaxWidth = 32,
            VolumeChannels = 8,
            VolumeDepth = 4,
            Blocks = 2,
            IsSpade = false,
            Motion = new MotionFieldConfig { Width = 8, MaxWidth = 64, Levels = 2, Depth = 4, Compressed = 2 },
        });
        Assert.Equal(0x8591a52c8be964dcUL, StateHash.Of(generator));
    }

    [Fact]
    public void A_source_that_drives_itself_moves_nowhere()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var volume = Tensor.Rand([2, 3, 4, 6, 8]);
        var keypoints = new Keypoints(Tensor.Randn([2, 5, 3]), Tensor.Eye(3).Expand([2, 5, 3, 3]));
        var motions = MotionField.SparseMotions(volume, keypoints, keypoints);
        Assert.True(motions.Allclose(motions.Narrow(1, 0, 1).ExpandAs(motions), atol: 1e-5));
        Assert.Equal(0, MotionField.Heatmaps(volume, keypoints, keypoints).Abs().Max().Item<double>());
        Assert.Equal([2, 6, 3, 4, 6, 8], MotionField.Deformed(volume, motions).Shape.ToArray());
    }

    [Fact]
    public void A_face_is_painted_at_the_sources_size_and_only_it_stays()
    {
        using var network = new FaceVid2VidNetwork(Small);
        network.Eval();
        long before = LiveTensors.Count;
        using (var scope = new TensorScope())
        {
            using var noGrad = Gradients.Off();
            Tensor picture = Tensor.Rand([1, 3, 64, 64]), frame = Tensor.Rand([1, 3, 64, 64]);
            var source = network.Source(picture);
            var painted = network.Paint(source, network.Driven(source, frame));
            Assert.Equal([1, 3, 64, 64], painted.Shape.ToArray());
            Assert.Equal([1, 4, 3], source.Keypoints.Value.Shape.ToArray());
        }

        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void Another_view_turns_the_keypoints_and_leaves_the_expression()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = new FaceVid2VidNetwork(Small);
        network.Eval();
        var frame = Tensor.Rand([1, 3, 64, 64]);
        var source = network.Source(frame);
        var seen = network.Driven(source, frame);
        Assert.True(seen.Value.Allclose(source.Keypoints.Value, atol: 1e-5));
        Assert.True(network.Driven(source, frame, angles => angles).Value.Allclose(seen.Value, atol: 1e-6));
        Assert.False(network.Driven(source, frame, angles => angles with { Yaw = angles.Yaw + 30 }).Value.Allclose(seen.Value, atol: 1e-3));
    }

    [Fact]
    public void A_jacobian_begins_as_the_identity()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        foreach (bool shares in (bool[])[false, true])
        {
            using var detector = new KeypointDetector(Small.Detector with { HasJacobian = true, SharesJacobian = shares });
            detector.Eval();
            var jacobian = detector.Call(Tensor.Rand([1, 3, 32, 32])).Jacobian!;
            Assert.True(jacobian.Allclose(Tensor.Eye(3).Expand([1, 4, 3, 3]), atol: 1e-5));
        }
    }

    [Fact]
    public void Channels_that_are_no_volume_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new KeypointDetector(new KeypointDetectorConfig { VolumeChannels = 100 }));
        Assert.Throws<ArgumentException>(() => new FaceGenerator(new FaceGeneratorConfig { MaxWidth = 100 }));
        Assert.Throws<ArgumentException>(() => new FaceGenerator(new FaceGeneratorConfig { Width = 32 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AntiAliasedShrink(3, 2));
    }
}
