using RecursiveMas.OwnParts;

// Each part is one file: an agent without a model, a link type, a logits processor, and the parts of a loaded system in one's own hands.
await OwnAgent.ShowAsync(Console.Out);
await OwnLink.ShowAsync(Console.Out);
await OwnProcessor.ShowAsync(Console.Out);
await LoadedParts.ShowAsync(Console.Out);
