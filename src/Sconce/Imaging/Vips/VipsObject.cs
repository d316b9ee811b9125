using Microsoft.Win32.SafeHandles;

namespace Sconce.Imaging.Vips;

/// <summary>One reference to a GObject: a source, a target or an image.</summary>
internal sealed class VipsObject : SafeHandleZeroOrMinusOneIsInvalid
{
    internal VipsObject(nint owned) : base(ownsHandle: true)
    {
        if (owned == 0)
            throw new VipsException(VipsLibrary.TakeError());
        SetHandle(owned);
    }

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        VipsNative.Unref(handle);
        return true;
    }
}

/// <summary>One call of a libvips operation by name: set arguments, then build.</summary>
internal sealed unsafe class VipsOperation(string name) : IDisposable
{
    private readonly VipsObject operation = new(VipsNative.OperationNew(name));

    /// <summary>A number, boolean, enum or string argument, as libvips's own command line reads it.</summary>
    internal VipsOperation Set(string argument, string value)
    {
        if (VipsNative.SetArgument(operation.Pointer, argument, value) != 0)
            throw new VipsException(VipsLibrary.TakeError());
        return this;
    }

    /// <summary>An image, source or target argument.</summary>
    internal VipsOperation Set(string argument, VipsObject value)
    {
        VipsNative.GValue boxed = default;
        VipsNative.ValueInit(&boxed, **(nuint**)value.Pointer);    // an instance begins with its class, a class with its type
        VipsNative.ValueSetObject(&boxed, value.Pointer);
        VipsNative.SetProperty(operation.Pointer, argument, &boxed);
        VipsNative.ValueUnset(&boxed);
        return this;
    }

    /// <summary>Runs an operation that has no output.</summary>
    internal void Run()
    {
        Build();
        VipsNative.UnrefOutputs(operation.Pointer);
    }

    /// <summary>Runs the operation and returns its image <c>out</c>.</summary>
    internal VipsObject Image()
    {
        Build();
        VipsNative.GValue boxed = default;
        VipsNative.ValueInit(&boxed, VipsNative.ObjectType);
        VipsNative.GetProperty(operation.Pointer, "out", &boxed);
        var image = VipsNative.ValueDupObject(&boxed);
        VipsNative.ValueUnset(&boxed);
        VipsNative.UnrefOutputs(operation.Pointer);
        return new VipsObject(image);
    }

    private void Build()
    {
        if (VipsNative.Build(operation.Pointer) == 0)
            return;
        var error = VipsLibrary.TakeError();
        VipsNative.UnrefOutputs(operation.Pointer);
        throw new VipsException(error);
    }

    public void Dispose() => operation.Dispose();
}
