using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>Limits gradients, in place, between the backward pass and the optimiser's step.</summary>
public static class GradientClipping
{
    /// <summary>Cuts every number of every gradient to [−limit, limit] (<c>clip_grad_value_</c>).</summary>
    public static void ByValue(IEnumerable<Tensor> parameters, double limit)
    {
        if (!(limit >= 0)) throw new ArgumentOutOfRangeException(nameof(limit), limit, "the limit must not be negative");
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        foreach (var gradient in Of(parameters)) gradient.ClampInPlace(-limit, limit);
    }

    /// <summary>Scales all gradients together so that their joint norm is at most <paramref name="limit"/>
    /// (<c>clip_grad_norm_</c>).</summary>
    /// <param name="parameters">Whose gradients count; those without one do not.</param>
    /// <param name="limit">The largest norm.</param>
    /// <param name="order">Of the norm; infinity for the largest absolute number.</param>
    /// <param name="requireFinite">Whether a norm that is infinite or not a number is an error (it waits for the device).</param>
    /// <returns>The norm before, a tensor without dimensions.</returns>
    /// <exception cref="TorchException">The norm is not finite; no gradient was changed.</exception>
    public static Tensor ByNorm(IEnumerable<Tensor> parameters, double limit, double order = 2, bool requireFinite = false)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var gradients = Of(parameters);
        if (gradients.Length == 0) return scope.Keep(Tensor.Zeros([]));
        var norm = Norm(gradients, order);
        if (requireFinite && !double.IsFinite(norm.Item<double>()))
        {
            throw new TorchException($"clip_grad_norm: the gradients' norm of order {order} is {norm.Item<double>()}: look for the loss "
                + $"that overflowed, or clip without requireFinite");
        }

        var factor = (limit / (norm + 1e-6)).ClampMax(1);
        Tensor.ForeachMulInPlace(gradients, Enumerable.Repeat(factor, gradients.Length).ToArray());
        return scope.Keep(norm);
    }

    /// <summary>The joint norm of all gradients, a tensor without dimensions; zero where there is none.</summary>
    public static Tensor Norm(IEnumerable<Tensor> parameters, double order = 2)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var gradients = Of(parameters);
        return scope.Keep(gradients.Length == 0 ? Tensor.Zeros([]) : Norm(gradients, order));
    }

    internal static Tensor[] Of(IEnumerable<Tensor> parameters)
    {
        var gradients = new List<Tensor>();
        foreach (var parameter in parameters)
        {
            if (parameter.Grad is { } gradient) gradients.Add(gradient);
        }

        return [.. gradients];
    }

    private static Tensor Norm(Tensor[] gradients, double order)
    {
        // The operator for lists knows the orders 1 and 2 only.
        var norms = order is 1 or 2 ? Tensor.ForeachNorm(gradients, order)
            : Array.ConvertAll(gradients, gradient => gradient.LinalgVectorNorm(order));
        return Tensor.Stack(norms).LinalgVectorNorm(order);
    }
}
