#:package Microsoft.ML.OnnxRuntime@1.31.1
#:property PublishAot=false

// An exported classifier without Sconce, on Linux, Windows or macOS: dotnet run onnx.cs -- run1.onnx photo.ppm [names.txt]
// The picture is a PPM (P6), which any viewer writes; a program of your own decodes with what it has.
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

if (args is not [var model, var file, ..])
{
    Console.Error.WriteLine("usage: dotnet run onnx.cs -- MODEL.onnx PICTURE.ppm [NAMES.txt]");
    return 2;
}

string[] names = args.Length > 2 ? File.ReadAllLines(args[2]) : [];
using var session = new InferenceSession(model);
var (input, shape) = (session.InputMetadata.Keys.First(), session.InputMetadata.Values.First().Dimensions);
int side = shape[^1] > 0 ? shape[^1] : 224;
var (width, height, pixels) = ReadPpm(File.ReadAllBytes(file));

// The nearest pixels of the picture's middle square, with ImageNet's means and spreads.
float[] mean = [0.485f, 0.456f, 0.406f], spread = [0.229f, 0.224f, 0.225f];
var tensor = new DenseTensor<float>([1, 3, side, side]);
int square = Math.Min(width, height), left = (width - square) / 2, top = (height - square) / 2;
for (int y = 0; y < side; y++)
{
    for (int x = 0; x < side; x++)
    {
        int at = 3 * (((top + (y * square / side)) * width) + left + (x * square / side));
        for (int c = 0; c < 3; c++) tensor[0, c, y, x] = ((pixels[at + c] / 255f) - mean[c]) / spread[c];
    }
}

using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(input, tensor)]);
float[] logits = outputs[0].AsEnumerable<float>().ToArray();
double sum = logits.Sum(logit => Math.Exp(logit - logits.Max()));
foreach (int k in Enumerable.Range(0, logits.Length).OrderByDescending(k => logits[k]).Take(5))
    Console.WriteLine($"{100 * Math.Exp(logits[k] - logits.Max()) / sum,5:0.0} %  {(k < names.Length ? names[k] : $"class {k}")}");
return 0;

static (int Width, int Height, byte[] Pixels) ReadPpm(byte[] data)
{
    int at = 2;
    int Number()
    {
        while (char.IsWhiteSpace((char)data[at])) at++;
        int number = 0;
        while (char.IsAsciiDigit((char)data[at])) number = (10 * number) + data[at++] - '0';
        return number;
    }

    if (data is not [(byte)'P', (byte)'6', ..]) throw new InvalidDataException("this is no PPM (P6)");
    var (width, height, most) = (Number(), Number(), Number());
    if (most != 255) throw new InvalidDataException("a PPM of 8 bits is read");
    return (width, height, data[(at + 1)..]);
}
