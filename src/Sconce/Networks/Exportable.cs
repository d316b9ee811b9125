using Sconce.Abilities;
using Sconce.Export;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Networks;

/// <summary>What can be exported of a network, where that is not the network itself from one tensor to another.</summary>
/// <param name="Functions">Most networks have one, CLIP two.</param>
/// <param name="FunctionsAt">The same for pictures of another size, where the network is not built for one; null where there is no other
/// size.</param>
public sealed record Exportable(
    Func<Module, IReadOnlyList<ExportFunction>> Functions,
    Func<Module, PictureSize, IReadOnlyList<ExportFunction>>? FunctionsAt = null) : Capability;

/// <summary>Finds what can be exported of a network.</summary>
public static class ModelExports
{
    /// <summary>What can be exported: as the variant says (<see cref="Exportable"/>), else the network from its <see cref="TensorInput"/>
    /// to another tensor.</summary>
    /// <param name="variant">What the network is.</param>
    /// <param name="module">The network.</param>
    /// <param name="size">Of pictures, where it is not the official one; the network was built for it if it is square.</param>
    /// <exception cref="ExportException">The variant says no way to call the network, or the network takes no pictures of that
    /// size.</exception>
    public static IReadOnlyList<ExportFunction> Exports(this ModelVariant variant, Module module, PictureSize? size = null)
    {
        ArgumentNullException.ThrowIfNull(variant);
        if (size is { } asked) return Tried(variant, FunctionsAt(variant, module, asked), asked);
        if (variant.Find<Exportable>() is { } own) return own.Functions(module);
        return module is Module<Tensor, Tensor> network && variant.Find<TensorInput>() is { } input
            ? [ExportFunction.Of(network, input.Shape)]
            : throw new ExportException(
                $"{variant.Name} does not say how it is called for an export: its system has to name its functions");
    }

    private static IReadOnlyList<ExportFunction> FunctionsAt(ModelVariant variant, Module module, PictureSize size)
    {
        if (variant.Find<Exportable>() is { } own)
        {
            if (own.FunctionsAt is { } sized) return sized(module, size);
            // the network was built for it
            if (size.IsSquare && own.Functions(module) is var built && built.Any(function => function.Inputs.Any(input =>
                input.Shape is [.., var height, var width] && (height, width) == (size.Height, size.Width)))) return built;
            throw size.IsSquare
                ? new ExportException($"{variant.Name} takes no pictures of {size}: it takes those of its own size alone")
                : new ExportException($"{variant.Name} takes no pictures of {size}: it takes square ones")
                {
                    Remedy = Remedy.SquarePictures,
                };
        }

        return module is Module<Tensor, Tensor> network && variant.Find<TensorInput>() is { Shape: { Count: >= 3 } shape }
            ? [ExportFunction.Of(network, [.. shape.SkipLast(2), size.Height, size.Width])]
            : throw new ExportException($"{variant.Name} takes no pictures of {size}: it takes none");
    }

    private static IReadOnlyList<ExportFunction> Tried(ModelVariant variant, IReadOnlyList<ExportFunction> functions, PictureSize size)
    {
        try
        {
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            foreach (var function in functions) function.Run(function.Examples(1));
            return functions;
        }
        catch (TorchException fault)
        {
            string official = variant.Find<TensorInput>()?.Shape is [.., var height, var width]
                ? $"; its own size is {new PictureSize((int)height, (int)width)}, "
                    + "and where it has to be built for a size, that is square" : "";
            throw new ExportException($"{variant.Name} takes no pictures of {size}: {fault.Message}{official}", fault)
            {
                Remedy = Remedy.SquarePictures,
            };
        }
    }
}
