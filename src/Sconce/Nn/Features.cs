using System.Text.RegularExpressions;
using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Features at any level of a network, by the dotted names of its modules.</summary>
public static class Features
{
    /// <summary>Runs the network and keeps the answers of the modules named.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">What it is called with.</param>
    /// <param name="names">Dotted names, as <see cref="Module.NamedModules"/> gives them; a module called several times answers with its
    /// last.</param>
    /// <returns>One tensor a name, in their order. They belong to no scope: dispose them.</returns>
    /// <exception cref="KeyNotFoundException">A name is none of the network's.</exception>
    /// <exception cref="TorchException">A module was not called, or does not answer with one tensor.</exception>
    public static IReadOnlyList<Tensor> Of<TOut>(Module<Tensor, TOut> network, Tensor input, params IReadOnlyList<string> names)
    {
        using var scope = new TensorScope();
        using var collector = new Collector(names.Select(name => network[name]));
        using (collector.Watch()) network.Call(input);
        var features = new Tensor[names.Count];
        for (int k = 0; k < features.Length; k++)
        {
            features[k] = collector.Found(network[names[k]])?.Hold()
                ?? throw new TorchException($"features: '{names[k]}' was not called for this input, or does not answer with one tensor");
        }

        return features;
    }

    /// <summary>Stops (or, with <paramref name="frozen"/> false, resumes) asking for gradients of the parameters whose dotted names fit a
    /// pattern with <c>*</c> and <c>?</c>.</summary>
    /// <returns>How many parameters fit.</returns>
    public static int Freeze(this Module module, string pattern, bool frozen = true)
    {
        var expression = new Regex("^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "$",
            RegexOptions.CultureInvariant);
        int count = 0;
        foreach (var (name, parameter) in module.NamedParameters())
        {
            if (!expression.IsMatch(name)) continue;
            parameter.RequiresGrad = !frozen;
            count++;
        }

        return count;
    }

    private sealed class Collector(IEnumerable<Module> wanted) : ModuleObserver, IDisposable
    {
        private readonly Dictionary<Module, Tensor?> answers = wanted.Distinct().ToDictionary(module => module, _ => (Tensor?)null);

        internal Tensor? Found(Module module) => answers[module];

        public void Dispose()
        {
            foreach (var answer in answers.Values) answer?.Dispose();
        }

        protected override void Called(Module module, object? output)
        {
            if (!answers.TryGetValue(module, out var before) || output is not Tensor tensor) return;

            // A handle of its own: a container may free what lies between two modules.
            before?.Dispose();
            answers[module] = tensor.Hold();
        }
    }
}
