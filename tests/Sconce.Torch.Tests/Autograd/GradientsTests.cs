using Xunit;

namespace Sconce.Torch.Tests.Autograd;

public sealed class GradientsTests
{
    [Fact]
    public void Backward_accumulates_until_the_gradient_is_cleared()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2f]).WithGrad();
        Assert.Null(x.Grad);
        (x * x).Sum().Backward();
        (x * x).Sum().Backward();
        Assert.Equal([4f, 8f], x.Grad!.ToArray<float>());
        x.Grad = null;
        Assert.Null(x.Grad);
        x.Grad = Tensor.From([5f, 5f]);
        x.Sum().Backward();
        Assert.Equal([6f, 6f], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Gradients_of_chosen_inputs_leave_the_leaves_alone()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2f]).WithGrad();
        var y = Tensor.From([3f, 4f]).WithGrad();
        var middle = x * y;
        var gradients = Gradients.Of([middle.Square().Sum()], [middle, y]);
        Assert.Equal([6f, 16f], gradients[0].ToArray<float>());
        Assert.Equal([6f, 32f], gradients[1].ToArray<float>());
        Assert.Null(x.Grad);
        Assert.Null(y.Grad);
    }

    [Fact]
    public void Backward_reaches_only_the_inputs_that_are_named()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f]).WithGrad();
        var y = Tensor.From([3f]).WithGrad();
        Gradients.Backward([x * y], inputs: [y]);
        Assert.Null(x.Grad);
        Assert.Equal(1f, y.Grad!.Item<float>());
    }

    [Fact]
    public void Several_outputs_with_their_own_gradients_add_up()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2f]).WithGrad();
        Gradients.Backward([x * 2, x.Sum()], [Tensor.From([1f, 10f]), null]);
        Assert.Equal([3f, 21f], x.Grad!.ToArray<float>());
        Assert.Contains("1 output gradients for 2 outputs",
            Assert.Throws<TorchException>(() => Gradients.Backward([x, x], [null])).Message);
    }

    [Fact]
    public void A_gradient_of_many_elements_needs_one_that_flows_in()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2f]).WithGrad();
        Assert.Contains("scalar", Assert.Throws<TorchException>(() => (x * 2).Backward()).Message);
        (x * 2).Backward(Tensor.From([1f, 3f]));
        Assert.Equal([2f, 6f], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Second_and_third_derivatives_are_exact()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1.0, -2, 3]).WithGrad();
        var first = Gradients.Of([x.Pow(4).Sum()], [x], createGraph: true)[0];
        var second = Gradients.Of([first.Sum()], [x], createGraph: true)[0];
        var third = Gradients.Of([second.Sum()], [x])[0];
        Assert.Equal([4.0, -32, 108], first.ToArray<double>());
        Assert.Equal([12.0, 48, 108], second.ToArray<double>());
        Assert.Equal([24.0, -48, 72], third.ToArray<double>());
    }

    [Fact]
    public void A_gradient_penalty_differentiates_through_a_gradient()
    {
        using var scope = new TensorScope();
        var weight = Figures.Numbers("w", 3, 4).WithGrad();
        var x = Figures.Numbers("x", 2, 4).WithGrad();
        Tensor Penalty(Tensor w)
        {
            var slope = Gradients.Of([Functional.Linear(x, w).Tanh().Sum()], [x], createGraph: true)[0];
            return (slope.Square().Sum([-1]).Sqrt() - 1).Square().Mean();
        }

        FiniteDifferences.Check(Penalty, weight, 1e-6);
    }

    [Fact]
    public void A_tape_is_used_once_unless_it_is_retained()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([2f]).WithGrad();
        var y = x.Exp();
        y.Backward(retainGraph: true);
        y.Backward();
        Assert.Contains("second time", Assert.Throws<TorchException>(() => y.Backward()).Message);
        Assert.Equal(2 * MathF.Exp(2), x.Grad!.Item<float>(), 1e-4);
    }

    [Fact]
    public void An_input_without_influence_is_an_error_or_null()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([2f]).WithGrad();
        var unused = Tensor.From([2f]).WithGrad();
        Assert.Throws<TorchException>(() => Gradients.Of([x * 2], [x, unused]));
        var gradients = Gradients.OfAny([x * 2], [x, unused]);
        Assert.Equal(2f, gradients[0]!.Item<float>());
        Assert.Null(gradients[1]);
        Assert.Throws<TorchException>(() => Gradients.Of([x * 2], [Tensor.Ones([1])]));
    }

    [Fact]
    public void Off_records_nothing_and_On_records_again_inside()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([2f]).WithGrad();
        Assert.True(Gradients.Enabled);
        using (Gradients.Off())
        {
            Assert.False(Gradients.Enabled);
            Assert.False((x * 2).RequiresGrad);
            using (Gradients.On()) Assert.True((x * 2).RequiresGrad);
            Assert.False(Gradients.Enabled);
        }

        Assert.True((x * 2).RequiresGrad);
        Assert.False((x * 2).IsLeaf);
        Assert.True(x.IsLeaf);
    }

    [Fact]
    public void Modes_end_with_an_exception()
    {
        using var scope = new TensorScope();
        try
        {
            using var off = Gradients.Off();
            using var inference = Gradients.Inference();
            Tensor.Ones([2]).Add(Tensor.Ones([3]));
        }
        catch (TorchException)
        {
        }

        Assert.True(Gradients.Enabled);
        Assert.False(InferenceMode.Enabled);
    }

    [Fact]
    public void Modes_are_a_thread_s_own()
    {
        using var off = Gradients.Off();
        using var inference = Gradients.Inference();
        bool enabled = false, inferring = true;
        var other = new Thread(() => (enabled, inferring) = (Gradients.Enabled, InferenceMode.Enabled));
        other.Start();
        other.Join();
        Assert.True(enabled);
        Assert.False(inferring);
    }

    [Fact]
    public void What_inference_mode_made_can_not_be_differentiated()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([2f]).WithGrad();
        Tensor made;
        using (Gradients.Inference())
        {
            Assert.True(InferenceMode.Enabled);
            made = x * 2;
            Assert.False(made.RequiresGrad);
        }

        Assert.False(InferenceMode.Enabled);
        Assert.Contains("nference", Assert.Throws<TorchException>(() => x * made).Message);
        Assert.Equal(4f, made.Item<float>());
    }

    [Fact]
    public void Changing_what_the_tape_needs_is_noticed()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([2f]).WithGrad();
        Assert.Throws<TorchException>(() => x.AddInPlace(1));
        var y = x * 1;
        var z = y.Square();
        long version = y.Version;
        y.AddInPlace(1);
        Assert.Equal(version + 1, y.Version);
        Assert.Contains("inplace", Assert.Throws<TorchException>(() => z.Backward()).Message);
        Assert.Throws<TorchException>(() => Tensor.From([1L]).WithGrad());
    }

    [Fact]
    public void New_data_leaves_the_parameter_itself()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([2f]).WithGrad();
        x.SetData(Tensor.From([1f, 2f, 3f]));
        Assert.Equal([3], x.Shape);
        x.Square().Sum().Backward();
        Assert.Equal([2f, 4f, 6f], x.Grad!.ToArray<float>());
        Assert.False(x.Detach().RequiresGrad);
    }

    [Fact]
    public void Autocast_lowers_products_and_ends_where_it_began()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([2, 3]);
        var weight = Tensor.Ones([4, 3]).WithGrad();
        DType Product() => Functional.Linear(x, weight).DType;
        using (Gradients.Autocast())
        {
            Assert.Equal(DType.BFloat16, Product());
            Assert.Equal(DType.Float32, (x + x).DType);
            using (Gradients.Autocast()) Assert.Equal(DType.BFloat16, Product());
            Assert.Equal(DType.BFloat16, Product());
            Functional.Linear(x, weight).Float().Sum().Backward();
        }

        Assert.Equal(DType.Float32, Product());
        Assert.Equal(DType.Float32, weight.Grad!.DType);
        Assert.Equal(2f, weight.Grad[0, 0].Item<float>());
    }

    public static TheoryData<string, Func<Tensor, Tensor>> Functions => new()
    {
        { "matmul", x => x.Matmul(x.T()).Sin() },
        { "softmax", x => x.Softmax(-1).Square() },
        { "layer norm", x => Functional.LayerNorm(x, [4]) * Figures.Numbers("w", 3, 4) },
        { "convolution", x => Functional.Conv1d(x.Unsqueeze(0), Figures.Numbers("k", 2, 3, 3)) },
        { "svd", x => Functional.LinalgSvd(x, false).S },
        { "logsumexp", x => x.Logsumexp([1]) },
        { "cumulative product", x => (x + 2).Cumprod(1) },
        { "gather", x => x.Gather(1, Tensor.From([0L, 1, 2, 3, 3, 0], [3, 2])) },
        { "a list of parts", x => x.Chunk(2, 1)[1].Exp() },
        { "einsum", x => Tensor.Einsum("ij,kj->ik", [x, x]) },
        { "bilinear", x => x.Reshape([1, 1, 3, 4]).UpsampleBilinear2d([5, 7], true) },
    };

    [Theory]
    [MemberData(nameof(Functions), DisableDiscoveryEnumeration = true)]
    public void Gradients_agree_with_finite_differences(string what, Func<Tensor, Tensor> function)
    {
        Assert.NotEmpty(what);
        using var scope = new TensorScope();
        FiniteDifferences.Check(x => FiniteDifferences.Weigh(function(x)), Figures.Numbers("in", 3, 4).WithGrad(), 1e-6);
    }
}
