using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Parity;

/// <summary>What one system has to say to its cases. Derive, without arguments, and the runner finds it.</summary>
internal abstract class ParityAnswers
{
    /// <summary>The cases' <c>system</c>.</summary>
    internal abstract string System { get; }

    /// <summary>How to answer, or null for a model or function that is unknown here.</summary>
    internal abstract ParityAnswer? Answer(ParityCase question);

    /// <summary>Answers a case of a format of its own: null where everything agrees, else what does not. Only asked where
    /// <see cref="HasOwnFormat"/>.</summary>
    internal virtual string? AnswerOwnFormat(ParityCase question) => null;

    /// <summary>Whether the case has a format of its own.</summary>
    internal virtual bool HasOwnFormat(ParityCase question) => false;
}

/// <summary>A module to fill and a function of the inputs to run; modules are none for pure functions.</summary>
internal sealed class ParityAnswer(Module? module, Func<ParityInputs, Dictionary<string, Tensor>> run) : IDisposable
{
    internal Module? Module => module;

    /// <summary>A network of one tensor input and one output.</summary>
    internal static ParityAnswer Of(Module<Tensor, Tensor> module, string input = "x", string output = "out") =>
        new(module, inputs => new() { [output] = module.Call(inputs[input]) });

    /// <summary>A pure function.</summary>
    internal static ParityAnswer Of(Func<ParityInputs, Dictionary<string, Tensor>> function) => new(null, function);

    internal Dictionary<string, Tensor> Run(ParityInputs inputs) => run(inputs);

    public void Dispose() => module?.Dispose();
}
