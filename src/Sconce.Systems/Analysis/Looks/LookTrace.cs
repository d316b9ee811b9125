using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Looks;

/// <summary>What a network's modules answered in one pass, on its tape; the answers live until it is disposed.</summary>
internal sealed class LookTrace : ModuleObserver, IDisposable
{
    private readonly Dictionary<Module, string> names;
    private readonly List<(string Name, Module Module, Tensor Output)> answers = [];

    private LookTrace(Dictionary<Module, string> names) => this.names = names;

    /// <summary>The network's scores, in the scope in which it was asked.</summary>
    public Tensor Scores { get; private set; } = null!;

    /// <summary>In the order in which they were given; a module that was called twice is there twice.</summary>
    public IReadOnlyList<(string Name, Module Module, Tensor Output)> Answers => answers;

    /// <summary>The last answer.</summary>
    public Tensor Last => answers[^1].Output;

    /// <summary>Watches one pass.</summary>
    /// <param name="names">Whose answers are kept.</param>
    /// <param name="pass">Asks the network.</param>
    public static LookTrace Of(Dictionary<Module, string> names, Func<Tensor> pass)
    {
        var trace = new LookTrace(names);
        try
        {
            using (trace.Watch()) trace.Scores = pass();
            return trace;
        }
        catch
        {
            trace.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, _, output) in answers) output.Dispose();
        answers.Clear();
    }

    /// <inheritdoc/>
    protected override void Called(Module module, object? output)
    {
        // A handle of its own: what lies between two modules may be freed at once.
        if (output is Tensor tensor && names.TryGetValue(module, out string? name)) answers.Add((name, module, tensor.Hold()));
    }
}
