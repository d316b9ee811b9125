using System.Text;
using Sconce.Nn;

namespace Sconce.Systems.Tests;

/// <summary>One number for all keys and shapes of a network, so that a rename fails here before a checkpoint does.</summary>
internal static class StateHash
{
    /// <summary>FNV-1a 64 of the state dict's lines, each "key sizes" with commas between the sizes.</summary>
    internal static ulong Of(Module module)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (var (name, tensor) in module.StateDict())
        {
            foreach (byte b in Encoding.UTF8.GetBytes($"{name} {string.Join(',', tensor.Shape.ToArray())}\n")) hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }
}
