using Sconce.Torch;

namespace Sconce.Compilation;

/// <summary>
/// Networks may write into their input (a first activation in place), so an input that is asked with twice is given back as it was. Tensors
/// that nobody can write into, as several of their numbers lie in one place, are as they were without it.
/// </summary>
internal static class KeptInput
{
    /// <summary>The network's answer, which stays what it is when the input is put back; and whether the network wrote into it.</summary>
    internal static (Tensor Answer, bool Wrote) Ask(Func<Tensor, Tensor> network, Tensor input)
    {
        var before = input.Clone();
        var answer = network(input);
        if (Same(input, before)) return (answer, false);
        answer = answer.Clone();
        input.CopyInPlace(before);
        return (answer, true);
    }

    /// <summary>What is made by running over inputs, which are put back.</summary>
    internal static T Around<T>(IReadOnlyList<Tensor> inputs, Func<T> work)
    {
        using var scope = new TensorScope();
        Tensor[] before = [.. inputs.Select(input => input.Clone())];
        var made = work();
        for (int k = 0; k < before.Length; k++)
        {
            if (!Same(inputs[k], before[k])) inputs[k].CopyInPlace(before[k]);
        }

        return made;
    }

    // What is no number is equal to what is none.
    private static bool Same(Tensor now, Tensor before) =>
        now.Eq(before).LogicalOr(now.Ne(now).LogicalAnd(before.Ne(before))).All().Item<bool>();
}
