using Xunit;

namespace Sconce.Torch.Tests;

public sealed class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_inside_and_keeps_what_was_let_out()
    {
        long before = TensorDiagnostics.Live;
        Tensor kept;
        using (var scope = new TensorScope())
        {
            var a = Tensor.Ones([2, 3]);
            var b = a + a;
            kept = scope.Keep(b * 2);
            Assert.Equal(3, TensorDiagnostics.Live - before);
        }

        Assert.Equal(1, TensorDiagnostics.Live - before);
        Assert.Equal([4f, 4f, 4f, 4f, 4f, 4f], kept.ToArray<float>());
        kept.Dispose();
        Assert.Equal(before, TensorDiagnostics.Live);
    }

    [Fact]
    public void Gradients_of_a_product_are_the_other_factor()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2f, 3f]).WithGrad();
        var y = Tensor.From([4f, 5f, 6f]);
        (x * y).Sum().Backward();
        Assert.Equal(y.ToArray<float>(), x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Indexing_follows_PyTorch()
    {
        using var scope = new TensorScope();
        var x = Tensor.Arange(24, dtype: DType.Float32).Reshape([2, 3, 4]);
        Assert.Equal([0f, 12f], x[.., 0, 0].ToArray<float>());
        Assert.Equal([3f, 7f, 11f], x[0, .., ^1].ToArray<float>());
        Assert.Equal([2, 1, 3, 2], x[.., TensorIndex.NewAxis, .., 1..3].Shape);
        Assert.Equal([20f, 21f, 22f, 23f], x[1, Tensor.From([2L])].ToArray<float>());
        Assert.Equal([22f, 23f], x[x > 21].ToArray<float>());
        x[0, 0] = Tensor.Zeros([4]);
        Assert.Equal(0f, x[0, 0].Sum().Item<float>());
    }
}
