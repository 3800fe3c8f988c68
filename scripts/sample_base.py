"""The small ModernBERT that the sample run fine-tunes: its tokenizer, its shape, and a short masked-language pre-training.

Without the pre-training, two thousand labelled rows do not teach so small an encoder to compare a question with a query.
"""

from pathlib import Path

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    DataCollatorForLanguageModeling,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
)

MAX_LENGTH = 256
SPECIAL_TOKENS = ("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]")


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """ModernBERT's recipe (NFC, byte-level BPE, [CLS] $A [SEP]) with a small vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    specials = [AddedToken(t, special=True, normalized=False, lstrip=t == "[MASK]") for t in SPECIAL_TOKENS]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=specials, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    ids = [(t, tokenizer.token_to_id(t)) for t in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        mask_token="[MASK]",
        model_max_length=MAX_LENGTH,
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=True,
    )


def make_config(tokenizer: PreTrainedTokenizerFast) -> ModernBertConfig:
    """Seven layers (0, 3 and 6 global), and rows several times longer than the window of the local ones."""
    return ModernBertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=7,
        num_attention_heads=4,
        global_attn_every_n_layers=3,
        local_attention=32,
        max_position_embeddings=512,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
        cls_token_id=tokenizer.cls_token_id,
        sep_token_id=tokenizer.sep_token_id,
    )


def pretrain_base(texts: list[str], base_dir: Path, seed: int) -> None:
    """Writes tokenizer, config and weights of a base model pre-trained on `texts` with 30 % of the tokens masked."""
    tokenizer = train_tokenizer(texts)
    model = ModernBertForMaskedLM(make_config(tokenizer))
    arguments = TrainingArguments(
        output_dir="outputs/base-model",
        per_device_train_batch_size=16,
        learning_rate=3e-3,
        lr_scheduler_type="cosine",
        warmup_steps=150,
        num_train_epochs=3,
        train_sampling_strategy="group_by_length",
        logging_steps=200,
        save_strategy="no",
        seed=seed,
        data_seed=seed,
        use_cpu=True,
        report_to="none",
        disable_tqdm=True,
    )
    encoded = tokenizer(texts, truncation=True, max_length=MAX_LENGTH)["input_ids"]
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=[{"input_ids": ids} for ids in encoded],
        processing_class=tokenizer,
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.3),
    )
    trainer.train()
    model.save_pretrained(base_dir)
    tokenizer.save_pretrained(base_dir)
