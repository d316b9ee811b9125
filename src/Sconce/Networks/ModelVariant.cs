using Sconce.Abilities;
using Sconce.Export;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Networks;

/// <summary>One network under the name that its official weights have.</summary>
/// <param name="Name">Such as <c>vit_base_patch16_224</c>.</param>
/// <param name="Description">A few words: size, data, what differs.</param>
/// <param name="Create">Builds it, with initial weights.</param>
public sealed record ModelVariant(string Name, string Description, Func<ModelOptions, Module> Create)
{
    /// <summary>The shape of one input without the batch, such as [3, 224, 224]; empty where one tensor does not say it.</summary>
    public IReadOnlyList<long> InputShape { get; init; } = [];

    /// <summary>Parameters of the official configuration, where they are known (0 otherwise).</summary>
    public long Parameters { get; init; }

    /// <summary>Classes of the official classifier; 0 for networks that classify nothing.</summary>
    public int Classes { get; init; }

    /// <summary>How pictures become its input; null where it takes none.</summary>
    public ImagePreprocessing? Preprocessing { get; init; }

    /// <summary>What it can do, beside what a classifier of pictures can by its other words.</summary>
    public IReadOnlyList<Capability> OtherCapabilities { get; init; } = [];

    /// <summary>What it can do; what can be done with it follows.</summary>
    public IReadOnlyList<Capability> Capabilities => Classes > 0 && Preprocessing is not null && InputShape.Count == 3
        ? [new ImageClassifier(Classes, Head, Preprocessing), .. OtherCapabilities]
        : OtherCapabilities;

    /// <summary>Where its official weights are published; empty where they are not, or not known here.</summary>
    public IReadOnlyList<OfficialWeights> Weights { get; init; } = [];

    /// <summary>The key of the classifier's module, which <c>Models.Create(…, classes)</c> replaces and fine-tuning leaves out; empty where
    /// there is none.</summary>
    public string Head { get; init; } = "";

    /// <summary>Loads a checkpoint into it, in whatever form its authors publish: by default by name, with every misfit reported.</summary>
    public Action<Module, string> Load { get; init; } = static (module, path) => ModelWeights.Load(module, path);

    /// <summary>Builds it for a checkpoint whose own sizes decide; null where the name says all. The options hold what else is
    /// known.</summary>
    public Func<string, ModelOptions, Module>? CreateFor { get; init; }

    /// <summary>Runs the network once on an example of the right kind, for counting operations; by default on noise of
    /// <see cref="InputShape"/>.</summary>
    public Action<Module, int>? Exercise { get; init; }

    /// <summary>What can be exported of it, where that is not the network itself from one tensor of <see cref="InputShape"/> to
    /// another.</summary>
    public Func<Module, IReadOnlyList<ExportFunction>>? ExportFunctions { get; init; }

    /// <summary>The same for pictures of another size, where the network is not built for one; null where one tensor in and out say how, or
    /// there is no other size.</summary>
    public Func<Module, PictureSize, IReadOnlyList<ExportFunction>>? ExportFunctionsAt { get; init; }

    /// <summary>What can be exported of it: most networks have one function, CLIP two.</summary>
    /// <param name="module">The network.</param>
    /// <param name="size">Of pictures, where it is not the official one; the network was built for it if it is square.</param>
    /// <exception cref="ExportException">The variant says no way to call the network, or the network takes no pictures of that
    /// size.</exception>
    public IReadOnlyList<ExportFunction> Exports(Module module, PictureSize? size = null)
    {
        if (size is { } asked) return At(module, asked);
        if (ExportFunctions is { } functions) return functions(module);
        return module is Module<Tensor, Tensor> network && InputShape.Count > 0
            ? [ExportFunction.Of(network, InputShape)]
            : throw new ExportException($"{Name} does not say how it is called for an export: its system has to name its functions");
    }

    private IReadOnlyList<ExportFunction> At(Module module, PictureSize size)
    {
        IReadOnlyList<ExportFunction> functions;
        if (ExportFunctionsAt is { } sized) functions = sized(module, size);
        // the network was built for it
        else if (ExportFunctions is { } own && size.IsSquare && own(module) is var built
            && built.Any(function => function.Inputs.Any(input => input.Shape is [.., var height, var width]
                && (height, width) == (size.Height, size.Width)))) functions = built;
        else if (ExportFunctions is null && module is Module<Tensor, Tensor> network && InputShape.Count >= 3)
            functions = [ExportFunction.Of(network, [.. InputShape.SkipLast(2), size.Height, size.Width])];
        else
        {
            bool isSquareOnly = ExportFunctions is not null && !size.IsSquare;
            string taken = ExportFunctions is null ? "it takes none"
                : isSquareOnly ? "it takes square ones" : "it takes those of its own size alone";
            throw new ExportException($"{Name} takes no pictures of {size}: {taken}")
            {
                Remedy = isSquareOnly ? Remedy.SquarePictures : Remedy.None,
            };
        }

        try
        {
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            foreach (var function in functions) function.Run(function.Examples(1));
        }
        catch (TorchException fault)
        {
            string official = InputShape is [.., var height, var width]
                ? $"; its own size is {new PictureSize((int)height, (int)width)}, "
                    + "and where it has to be built for a size, that is square" : "";
            throw new ExportException($"{Name} takes no pictures of {size}: {fault.Message}{official}", fault)
            {
                Remedy = Remedy.SquarePictures,
            };
        }

        return functions;
    }

    /// <summary>Builds it with initial numbers, for what a person asked.</summary>
    /// <param name="options">Such as another size of pictures.</param>
    /// <exception cref="SettingsException">It cannot be built for pictures of that size.</exception>
    public Module Built(ModelOptions options)
    {
        try
        {
            return Create(options);
        }
        catch (ArgumentException fault) when (options.ImageSize is not null)
        {
            string said = fault.Message.Split(" (Parameter")[0];
            throw new SettingsException("size", called => $"{called} {options.ImageSize}: {Name} cannot be built for it: {said}");
        }
    }

    /// <summary>Builds it around a checkpoint, in evaluation: no initial numbers are drawn, and nothing is left where the checkpoint does
    /// not fit.</summary>
    /// <typeparam name="T">What its user calls.</typeparam>
    /// <param name="weights">A checkpoint's path.</param>
    /// <param name="options">Such as another number of classes.</param>
    /// <exception cref="UsageException">The network is called otherwise.</exception>
    /// <exception cref="CheckpointException">The checkpoint does not fit.</exception>
    public T CreateTrained<T>(string weights, ModelOptions options)
        where T : Module
    {
        Module built;
        using (Init.Skipped()) built = CreateFor is { } create ? create(weights, options) : Built(options);
        try
        {
            var network = built as T ?? throw new UsageException(
                $"{Name} is a {built.GetType().Name}, which cannot be used so: it is no network from one tensor to another");
            Load(network, weights);
            network.Eval();
            return network;
        }
        catch
        {
            built.Dispose();
            throw;
        }
    }

    /// <summary>Runs the network once on a batch of examples.</summary>
    /// <exception cref="InvalidOperationException">The variant says no way to run it.</exception>
    public void Run(Module module, int batch = 1)
    {
        if (Exercise is { } exercise)
        {
            exercise(module, batch);
            return;
        }

        if (module is not Module<Tensor, Tensor> network || InputShape.Count == 0)
            throw new InvalidOperationException($"{Name} does not say how it is run on an example");
        using var scope = new TensorScope();
        network.Call(Tensor.Randn([batch, .. InputShape]));
    }
}
