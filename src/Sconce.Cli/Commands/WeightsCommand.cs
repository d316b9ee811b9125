using System.CommandLine;
using Sconce.Catalogue;
using Sconce.Nn;
using Sconce.Weights;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce weights FILE</c>: what a checkpoint holds, and whether it fits a network. Listing loads no libtorch.</summary>
internal static class WeightsCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="context">The networks.</param>
    /// <param name="isPull">Whether the line speaks of <c>weights pull</c>, whose usage would else name the file too.</param>
    public static Command Create(CommandContext context, bool isPull)
    {
        var file = new Argument<string>("file") { Hidden = isPull, Description = "A checkpoint: .pth, .pt, TorchScript, .safetensors, .npz or .npy" };
        var check = new Option<string?>("--check") { Description = "Compare its names and shapes with a network's; exit with 1 where they differ", HelpName = "NETWORK" };
        check.CompletionSources.Add(_ => context.Models.List());
        var wrapper = new Option<string?>("--wrapper") { Description = "Where in the file the state dict is, such as state_dict_ema (found by itself)", HelpName = "NAME" };
        var json = Shared.Json();
        var command = new TeachingCommand("weights", "List what a checkpoint holds: names, types, shapes, parameters. Nothing of the file is run.")
        {
            Examples =
            [
                ("sconce weights ViT-B-32.pt", "every tensor in it"),
                ("sconce weights model.safetensors --check vit_base_patch16_224", "does it fit, and what is missing, with the nearest names"),
                ("sconce weights pull resnest50", "download official weights, checked"),
                ("sconce weights checkpoint.pth --wrapper state_dict_ema", "the averaged weights beside the trained ones"),
            ],
        };
        command.Add(PullCommand.Create(context));
        command.Add(file);
        foreach (var option in new Option[] { check, wrapper, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            if (!File.Exists(path)) throw new UsageException(Directory.Exists(path) ? $"'{path}' is a folder, not a checkpoint" : $"there is no file '{path}'");
            var network = parsed.GetValue(check) is { } name ? context.Models.Get(name).Variant : null;
            using var checkpoint = Checkpoint.Open(path, new CheckpointOptions { Wrapper = parsed.GetValue(wrapper) });
            var report = network is null ? null : Compare(network, checkpoint);
            if (parsed.GetValue(json)) CheckpointView.WriteJson(context.Terminal, checkpoint, network, report);
            else CheckpointView.Write(context.Terminal, checkpoint, network, report);
            return report is { IsExact: false } ? Faults.FailureStatus : 0;
        });
        return command;
    }

    // As ModelWeights.Load does: checkpoints older than PyTorch 0.4.1 count no batches.
    private static StateDictReport Compare(ModelVariant network, Checkpoint checkpoint)
    {
        using var unset = Init.Skipped();
        using var module = network.Create(ModelOptions.Official);
        var found = checkpoint.Tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        return KeyMatch.Compare(
            module.StateDict().Where(entry => found.Contains(entry.Name) || !entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                .Select(entry => new NamedShape(entry.Name, entry.Tensor.Shape.ToArray())),
            checkpoint.Tensors.Select(tensor => new NamedShape(tensor.Name, tensor.Shape)));
    }
}
