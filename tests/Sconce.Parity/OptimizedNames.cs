namespace Sconce.Parity;

/// <summary>What an optimiser's case steps: its inputs that are no gradient of another, <c>w</c> beside <c>g0_w</c>, in the case's
/// order.</summary>
internal static class OptimizedNames
{
    internal static string[] Of(ParityCase question)
    {
        string[] inputs = [.. question.Properties("inputs").Select(input => input.Name)];
        return [.. inputs.Where(name => inputs.Contains($"g0_{name}"))];
    }
}
