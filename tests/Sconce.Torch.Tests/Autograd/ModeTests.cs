using Xunit;

namespace Sconce.Torch.Tests.Autograd;

public sealed class ModeTests
{
    [Fact]
    public void Inference_mode_disposed_twice_is_left_once()
    {
        var mode = Gradients.Inference();
        Assert.True(InferenceMode.Enabled);
        mode.Dispose();
        Assert.False(InferenceMode.Enabled);
        using (Gradients.Inference())
        {
            mode.Dispose();
            Assert.True(InferenceMode.Enabled);
        }

        mode.Dispose();
        default(InferenceMode).Dispose();
        Assert.False(InferenceMode.Enabled);
    }

    [Fact]
    public void An_outer_guard_closes_those_left_open_inside()
    {
        var outer = Gradients.Inference();
        var inner = Gradients.Inference();
        outer.Dispose();
        Assert.False(InferenceMode.Enabled);
        inner.Dispose();
        Assert.False(InferenceMode.Enabled);
        Assert.True(Gradients.Enabled);
    }

    [Fact]
    public void A_gradient_mode_disposed_twice_leaves_a_later_one_alone()
    {
        var first = Gradients.Off();
        first.Dispose();
        using (Gradients.Off())
        {
            first.Dispose();
            Assert.False(Gradients.Enabled);
            using (Gradients.On())
            {
                Assert.True(Gradients.Enabled);
                default(GradientMode).Dispose();
                Assert.True(Gradients.Enabled);
            }

            Assert.False(Gradients.Enabled);
        }

        Assert.True(Gradients.Enabled);
    }

    [Fact]
    public void Autocast_disposed_twice_leaves_a_later_one_alone()
    {
        using var scope = new TensorScope();
        Tensor left = Tensor.Ones([2, 2]), right = Tensor.Ones([2, 2]);
        var first = Gradients.Autocast();
        Assert.Equal(DType.BFloat16, left.Matmul(right).DType);
        first.Dispose();
        using (Gradients.Autocast())
        {
            first.Dispose();
            default(AutocastMode).Dispose();
            Assert.Equal(DType.BFloat16, left.Matmul(right).DType);
        }

        Assert.Equal(DType.Float32, left.Matmul(right).DType);
    }
}
