using Sconce.Torch;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>
/// The place where gradients cross from the discriminator to the generator: fakes that are cut from the generator's tape, the
/// discriminator's loss over them, and, once that is back-propagated, the gradient that belongs to the generator. See <see
/// cref="OneStage"/>.
/// </summary>
public sealed class OneStageCrossing : IDisposable
{
    // Below it the discriminator's derivative is no more to be divided by: a hinge that is not active, a sigmoid that has underflowed.
    private const double Smallest = 1e-25;
    private readonly Tensor crossing;
    private readonly Tensor? rest;

    private OneStageCrossing(Tensor crossing, OneStageTerms terms, Tensor ratios, Tensor? rest)
    {
        // The two players' updates have scopes of their own: what both need belongs to none.
        (this.crossing, this.rest, Ratios) = (crossing.Hold(), rest?.Hold(), ratios.Hold());
        Loss = (terms.Real.Dimensions == 0 ? terms.Real : terms.Real.Mean()) + terms.Fake.Mean();
        GeneratorLoss = terms.Generator.Detach().Mean().Hold();
    }

    /// <summary>The discriminator's loss <c>()</c>, on its tape: to be back-propagated, once; it belongs to the innermost scope.</summary>
    public Tensor Loss { get; }

    /// <summary>The generator's loss <c>()</c>, off the tape.</summary>
    public Tensor GeneratorLoss { get; }

    /// <summary>γ of each fake, <c>(N)</c>, off the tape; 0 where the discriminator's loss is flat.</summary>
    public Tensor Ratios { get; }

    /// <summary>Judges fakes.</summary>
    /// <param name="fakes">The generator's, on its tape or not.</param>
    /// <param name="play">See <see cref="OneStage.Backward(Tensor, Func{Tensor, OneStageTerms})"/>.</param>
    /// <exception cref="ArgumentException">A loss is averaged already, or does not depend on the judgements.</exception>
    public static OneStageCrossing Of(Tensor fakes, Func<Tensor, OneStageTerms> play)
    {
        var crossing = fakes.Detach();
        crossing.RequiresGrad = true;
        var terms = play(crossing);
        var (ratios, generator, active) = Ratio(terms);
        if (active.All().Item<bool>()) return new OneStageCrossing(crossing, terms, ratios, null);
        // Where the discriminator's loss is flat, its gradient says nothing of the generator's: that part takes a pass of its own.
        var flat = Functional.Where(active, generator.ZerosLike(), generator) / generator.Elements;
        var rest = Gradients.Of([terms.Judgements], [crossing], [flat.Reshape(terms.Judgements.Shape)], retainGraph: true)[0];
        return new OneStageCrossing(crossing, terms, ratios, rest);
    }

    /// <summary>The gradient of the generator's mean loss by the fakes, after <see cref="Loss"/> was back-propagated.</summary>
    /// <param name="share">By what the loss was multiplied before.</param>
    /// <exception cref="InvalidOperationException">It was not.</exception>
    public Tensor Gradient(double share = 1)
    {
        var known = crossing.Grad ?? throw new InvalidOperationException(
            "one-stage training: the discriminator's loss is to be back-propagated before the generator's gradient is asked for");
        long[] shape = [-1, .. Enumerable.Repeat(1L, crossing.Dimensions - 1)];
        var gradient = known * (Ratios / share).Reshape(shape);
        return rest is null ? gradient : gradient + rest;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        crossing.Dispose();
        rest?.Dispose();
        Ratios.Dispose();
        GeneratorLoss.Dispose();
    }

    /// <summary>γ of each fake, the generator's derivatives, and where the discriminator's are no zeros; <c>(N)</c> each.</summary>
    internal static (Tensor Ratios, Tensor Generator, Tensor Active) Ratio(OneStageTerms terms)
    {
        using var scope = new TensorScope();
        var (discriminator, generator) = Derivatives(terms);
        var active = discriminator.Abs() >= Smallest;
        var divisor = Functional.Where(active, discriminator, discriminator.OnesLike());
        return scope.Keep((Functional.Where(active, generator / divisor, generator.ZerosLike()), generator, active));
    }

    private static (Tensor Discriminator, Tensor Generator) Derivatives(OneStageTerms terms)
    {
        long count = terms.Judgements.Size(0);
        (string Name, Tensor Loss)[] losses = [("discriminator's loss over fakes", terms.Fake), ("generator's loss", terms.Generator)];
        foreach (var (name, loss) in losses)
        {
            if (loss.Elements == count && loss.Dimensions > 0) continue;
            throw new ArgumentException(
                $"one-stage training: the {name} has the shape [{string.Join(", ", loss.Shape.ToArray())}] for {count} fakes; "
                + "it must be a number for each fake, not their mean or sum: leave the reduction to the step",
                nameof(terms));
        }

        using var scope = new TensorScope();
        var first = Gradients.OfAny([terms.Fake.Sum()], [terms.Judgements], retainGraph: true)[0];
        var second = Gradients.OfAny([terms.Generator.Sum()], [terms.Judgements], retainGraph: true)[0];
        if (first is null || second is null)
        {
            throw new ArgumentException("one-stage training: both losses are made of the judgements; one of them is not", nameof(terms));
        }
        return scope.Keep((first.Reshape([-1]), second.Reshape([-1])));
    }
}
